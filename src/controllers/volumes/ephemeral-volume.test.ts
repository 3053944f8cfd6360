/** Pods with generic ephemeral volumes get the claims for them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { persistentVolumeClaims, pods } from '#api/generated/kinds.gen.ts';
import { DryController } from '#testing/controllers/dry-controller.ts';
import { storedClaim } from '#testing/objects/volumes.ts';
import { longAgo, ownedBy, storedPod } from '#testing/objects.ts';
import { ephemeralVolume } from './ephemeral-volume.ts';

const template = { metadata: { labels: { app: 'x' } }, spec: { accessModes: ['ReadWriteOnce'] } };
const volumes = [{ name: 'scratch', ephemeral: { volumeClaimTemplate: template } }];
const pod = storedPod('p', { spec: { volumes } });
const ownerReferences = [ownedBy(pods, pod)];
const stray = 'PVC default/p-scratch was not created for pod default/p (pod is not owner)';

const rows: [string, typeof pod, ReturnType<typeof storedClaim>[], string[]][] = [
  [
    'without a claim',
    pod,
    [],
    [
      'create PersistentVolumeClaim default/p-scratch',
      '  if failed event Warning FailedBinding "ephemeral volume scratch: create PVC p-scratch: <error>"',
    ],
  ],
  ['with its claim', pod, [storedClaim('p-scratch', { ownerReferences })], []],
  [
    'with a claim of that name that is not its own',
    pod,
    [storedClaim('p-scratch')],
    [`event Warning FailedBinding "ephemeral volume scratch: ${stray}"`, 'give up Pod default/p'],
  ],
  ['being deleted', storedPod('p', { spec: { volumes }, metadata: { deletionTimestamp: longAgo } }), [], []],
  ['without ephemeral volumes', storedPod('p'), [], []],
];
for (const [title, object, claims, plan] of rows) {
  test(`a pod ${title} – ${plan[0] ?? 'left alone'}`, async () => {
    const controller = new DryController(ephemeralVolume);
    controller.put(pods, object).put(persistentVolumeClaims, ...claims);
    assert.deepEqual(await controller.printed('default/p'), plan);
  });
}

test('a claim made for a pod – it has the template’s labels and spec, and the pod as its controller', async () => {
  const controller = new DryController(ephemeralVolume).put(pods, pod);
  const [step] = (await controller.plan('default/p')).actions;
  assert.deepEqual(step?.do === 'create' ? step.object : undefined, {
    metadata: { name: 'p-scratch', namespace: 'default', ownerReferences, labels: { app: 'x' } },
    spec: template.spec,
  });
});

test('an ephemeral claim – deleted while its pod lives – the pod is looked at again', () => {
  const claim = storedClaim('p-scratch', { ownerReferences });
  const controller = new DryController(ephemeralVolume);
  controller.put(pods, pod).put(persistentVolumeClaims, claim);
  controller.woken();
  controller.remove(persistentVolumeClaims, claim);
  assert.deepEqual(controller.woken(), ['default/p']);
});
