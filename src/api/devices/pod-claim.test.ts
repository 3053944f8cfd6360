/** Names of a pod's claims; facts of upstream's resourceclaim_test.go. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pods } from '#api/generated/kinds.gen.ts';
import type { PodResourceClaimStatus } from '#api/generated/types.gen.ts';
import { storedDeviceClaim } from '#testing/objects/devices.ts';
import { ownedBy, storedPod } from '#testing/objects.ts';
import { isReservedFor, type PodClaimName, podClaimName, strayClaimReason } from './pod-claim.ts';

const template = { name: 'gpu', resourceClaimTemplateName: 'template' };
const generated = (status: PodResourceClaimStatus) => ({ resourceClaimStatuses: [status] });

const names: [string, { claim: object; status?: object }, PodClaimName][] = [
  [
    'a named claim',
    { claim: { name: 'gpu', resourceClaimName: 'shared' } },
    { state: 'named', name: 'shared', isGenerated: false },
  ],
  [
    'a template without a status',
    { claim: template },
    { state: 'not created', reason: 'pod "default/p": ResourceClaim not created yet' },
  ],
  [
    'a template, and the status of another claim',
    { claim: template, status: generated({ name: 'nic', resourceClaimName: 'p-nic-x' }) },
    { state: 'not created', reason: 'pod "default/p": ResourceClaim not created yet' },
  ],
  [
    'a template with its claim in the status',
    { claim: template, status: generated({ name: 'gpu', resourceClaimName: 'p-gpu-x' }) },
    { state: 'named', name: 'p-gpu-x', isGenerated: true },
  ],
  [
    'a template that needs no claim',
    { claim: template, status: generated({ name: 'gpu' }) },
    { state: 'unneeded' },
  ],
  [
    'neither claim nor template',
    { claim: { name: 'gpu' } },
    {
      state: 'unsupported',
      reason: 'pod "default/p", spec.resourceClaim "gpu": none of the supported fields are set',
    },
  ],
];
for (const [title, { claim, status = {} }, expected] of names) {
  test(`a claim of a pod – ${title} – ${expected.state}`, () => {
    const pod = storedPod('p', { status });
    assert.deepEqual(podClaimName(pod, claim as never), expected);
  });
}

const pod = storedPod('p');
const claimOf = (metadata: object) => storedDeviceClaim('c', { metadata });
const strays: [string, object, string | undefined][] = [
  ['owned by the pod', { ownerReferences: [ownedBy(pods, pod)] }, undefined],
  ['without an owner', {}, 'ResourceClaim default/c was not created for Pod default/p (Pod is not owner)'],
  [
    'owned by an earlier pod of the name',
    { ownerReferences: [{ ...ownedBy(pods, pod), uid: 'earlier' }] },
    'ResourceClaim default/c was not created for Pod default/p (Pod is not owner)',
  ],
  [
    'in a different namespace',
    { namespace: 'other' },
    'ResourceClaim other/c is not in the same namespace as Pod default/p',
  ],
];
for (const [title, metadata, expected] of strays) {
  test(`a generated claim – ${title} – ${expected ?? "the pod's"}`, () => {
    assert.equal(strayClaimReason(pod, claimOf(metadata)), expected);
  });
}

test('a reservation – compared by UID – an earlier pod of the name does not count', () => {
  const reservedFor = (uid: string) => ({
    ...claimOf({}),
    status: { reservedFor: [{ resource: 'pods', name: 'p', uid }] },
  });
  assert.equal(isReservedFor(pod, reservedFor(pod.metadata.uid)), true);
  assert.equal(isReservedFor(pod, reservedFor('earlier')), false);
  assert.equal(isReservedFor(pod, claimOf({})), false);
});
