/** A pod's volume against the claim and the PersistentVolume that the API has: what is mounted, or why not. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Volume } from '#api/generated/types.gen.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { storedClaim, storedVolume } from '#testing/objects/volumes.ts';
import { storedPod } from '#testing/objects.ts';
import type { ObjectSource } from '../../pod/objects/object-source.ts';
import { claimedVolume } from './claimed-volume.ts';

const reference = (uid: string) => ({ namespace: 'default', name: 'data', uid });
const claim = (more: object = {}, phase = 'Bound', spec: object = { volumeName: 'pv' }) =>
  storedClaim('data', { uid: 'c1', ...more }, spec, { phase });
const volume = (spec: object = { claimRef: reference('c1') }) => storedVolume('pv', spec);

const named: Volume = { name: 'v', persistentVolumeClaim: { claimName: 'data' } };
const pod = (mounts: object) =>
  storedPod('p', { spec: { containers: [{ name: 'main', ...mounts }], volumes: [named] } });
const mounting = pod({ volumeMounts: [{ name: 'v', mountPath: '/v' }] });

async function outcome(objects: KubeObject[], of = mounting, source: Volume = named): Promise<string> {
  const get = async (_: unknown, __: string, name: string) =>
    objects.find(({ metadata }) => metadata?.name === name);
  try {
    const found = await claimedVolume({ get } as unknown as ObjectSource, of, source);
    return found ? `${found.claim.metadata.name} ${found.volume.metadata.name}` : 'no claim';
  } catch (error) {
    return (error as Error).message;
  }
}

const processing = 'error processing PVC default/data: ';
const rows: [string, KubeObject[], string][] = [
  ['bound', [claim(), volume()], 'data pv'],
  [
    'no claim',
    [],
    `${processing}failed to fetch PVC from API server: persistentvolumeclaims "data" not found`,
  ],
  ['pending', [claim({}, 'Pending')], `${processing}PVC is not bound`],
  ['bound to nothing', [claim({}, 'Bound', {})], `${processing}PVC has empty pvc.Spec.VolumeName`],
  [
    'no volume',
    [claim()],
    `${processing}failed to fetch PV pv from API server: persistentvolumes "pv" not found`,
  ],
  [
    'volume without a claim',
    [claim(), volume({})],
    `${processing}found PV object pv but it has a nil pv.Spec.ClaimRef indicating it is not yet bound to the claim`,
  ],
  [
    "another claim's volume",
    [claim(), volume({ claimRef: reference('c0') })],
    `${processing}found PV object pv but its pv.Spec.ClaimRef.UID c0 does not point to claim.UID c1`,
  ],
  [
    'in deletion, protected by this pod',
    [claim({ deletionTimestamp: 'now', finalizers: ['kubernetes.io/pvc-protection'] }), volume()],
    'data pv',
  ],
  ['in deletion', [claim({ deletionTimestamp: 'now' }), volume()], `${processing}PVC is being deleted`],
  [
    'a block volume in volumeMounts',
    [claim(), volume({ claimRef: reference('c1'), volumeMode: 'Block' })],
    'volume v has volumeMode Block, but is specified in volumeMounts',
  ],
];

describe('a volume of a claim – as the API has claim and volume – is found, or says why not', () => {
  for (const [title, objects, expected] of rows) {
    test(title, async () => {
      assert.equal(await outcome(objects), expected);
    });
  }
});

test('a file system – in volumeDevices – is refused', async () => {
  assert.equal(
    await outcome([claim(), volume()], pod({ volumeDevices: [{ name: 'v', devicePath: '/dev/v' }] })),
    'volume v has volumeMode Filesystem, but is specified in volumeDevices',
  );
});

test('an ephemeral volume – whose claim was made for the pod, or not – is found, or refused', async () => {
  const ephemeral: Volume = { name: 'v', ephemeral: { volumeClaimTemplate: { spec: {} } } };
  const made = (metadata: object) =>
    storedClaim('p-v', { uid: 'c1', ...metadata }, { volumeName: 'pv' }, { phase: 'Bound' });
  const { uid, name } = mounting.metadata;
  const ownerReferences = [{ apiVersion: 'v1', kind: 'Pod', name, uid, controller: true }];
  assert.equal(await outcome([made({ ownerReferences }), volume()], mounting, ephemeral), 'p-v pv');
  assert.equal(
    await outcome([made({}), volume()], mounting, ephemeral),
    'PVC default/p-v was not created for pod default/p (pod is not owner)',
  );
});

test('a volume – that names its source itself – has no claim', async () => {
  assert.equal(await outcome([], mounting, { name: 'v', emptyDir: {} }), 'no claim');
});
