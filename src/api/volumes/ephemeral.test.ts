import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pods } from '#api/generated/kinds.gen.ts';
import { storedClaim } from '#testing/objects/volumes.ts';
import { ownedBy, storedPod } from '#testing/objects.ts';
import { claimKeysOf, strayClaimReason } from './ephemeral.ts';

const volumes = [
  { name: 'a', persistentVolumeClaim: { claimName: 'c' } },
  { name: 'b', ephemeral: { volumeClaimTemplate: { spec: {} } } },
  { name: 'd', emptyDir: {} },
];
const pod = storedPod('p', { spec: { volumes } });

test('a pod with a claim and an ephemeral volume – it uses both claims', () => {
  assert.deepEqual(claimKeysOf(pod), ['default/c', 'default/p-b']);
});

test('a claim of that name – created for the pod, or not – only the first is its own', () => {
  const own = storedClaim('p-b', { ownerReferences: [ownedBy(pods, pod)] });
  assert.equal(strayClaimReason(pod, own), undefined);
  assert.equal(
    strayClaimReason(pod, storedClaim('p-b')),
    'PVC default/p-b was not created for pod default/p (pod is not owner)',
  );
});
