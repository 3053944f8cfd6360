/** Claims that grow: who is to expand their volumes. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { persistentVolumeClaims, persistentVolumes } from '#api/generated/kinds.gen.ts';
import type { PersistentVolumeSpec } from '#api/generated/types.gen.ts';
import { DryController } from '#testing/controllers/dry-controller.ts';
import { storedClaim, storedVolume } from '#testing/objects/volumes.ts';
import { expand } from './expand.ts';

const bound = (request: string, capacity: string) =>
  storedClaim(
    'c',
    {},
    { volumeName: 'v', resources: { requests: { storage: request } } },
    { phase: 'Bound', capacity: { storage: capacity } },
  );
const claimRef = { namespace: 'default', name: 'c', uid: 'c' };
const waiting = 'event Normal ExternalExpanding "waiting for an external controller to expand this PVC"';
const disk: PersistentVolumeSpec = { gcePersistentDisk: { pdName: 'd' } };

const rows: [string, ReturnType<typeof bound>, PersistentVolumeSpec, object, string[]][] = [
  ['that has what it wants', bound('1Gi', '1Gi'), {}, {}, []],
  ['that wants more', bound('2Gi', '1Gi'), {}, {}, [waiting]],
  [
    'whose volume is grown on the node',
    bound('1Gi', '1Gi'),
    {},
    { annotations: { 'volume.alpha.kubernetes.io/pre-resize-capacity': '1Gi' } },
    [waiting],
  ],
  [
    'that wants more of a migrated plugin',
    bound('2Gi', '1Gi'),
    disk,
    {},
    [
      'event Normal ExternalExpanding "CSI migration enabled for kubernetes.io/gce-pd; waiting for external resizer to expand the pvc"',
      'patch PersistentVolumeClaim default/c/status {"metadata":{"annotations":{"volume.kubernetes.io/storage-resizer":"pd.csi.storage.gke.io"}}}',
    ],
  ],
  ['that is not bound', storedClaim('c'), {}, {}, []],
];
for (const [title, claim, spec, metadata, plan] of rows) {
  test(`a claim ${title} – ${plan[0] ?? 'left alone'}`, async () => {
    const controller = new DryController(expand);
    controller.put(persistentVolumeClaims, claim);
    controller.put(persistentVolumes, storedVolume('v', { claimRef, ...spec }, metadata));
    assert.deepEqual(await controller.printed('default/c'), plan);
  });
}

test('a claim – its volume belongs to another claim – it is tried again', async () => {
  const controller = new DryController(expand);
  controller.put(persistentVolumeClaims, bound('2Gi', '1Gi')).put(persistentVolumes, storedVolume('v'));
  await assert.rejects(controller.plan('default/c'), /^Error: persistent Volume is not bound to PVC/);
});

test('a bound claim – changes that are no growth – do not wake it', () => {
  const controller = new DryController(expand).put(persistentVolumeClaims, bound('1Gi', '1Gi'));
  assert.deepEqual(controller.woken(), ['default/c']);
  controller.put(persistentVolumeClaims, bound('1Gi', '1Gi'));
  assert.deepEqual(controller.woken(), []);
  controller.put(persistentVolumeClaims, bound('2Gi', '1Gi'));
  assert.deepEqual(controller.woken(), ['default/c']);
  controller.put(persistentVolumeClaims, bound('2Gi', '2Gi'));
  assert.deepEqual(controller.woken(), ['default/c']);
});
