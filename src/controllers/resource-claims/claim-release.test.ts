/** Consumers of claims that end; facts of upstream's controller_test.go. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimFinalizer } from '#api/devices/names.ts';
import { pods, resourceClaims } from '#api/generated/kinds.gen.ts';
import type { ResourceV1ResourceClaim } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { DryController } from '#testing/controllers/dry-controller.ts';
import { storedDeviceClaim } from '#testing/objects/devices.ts';
import { longAgo, ownedBy, storedPod } from '#testing/objects.ts';
import { claimRelease } from './claim-release.ts';

const spec = { resourceClaims: [{ name: 'gpu', resourceClaimName: 'c' }] };
const pod = storedPod('p', { spec });
const done = storedPod('p', { spec, phase: 'Succeeded' });
const consumer = (name: string, uid = name) => ({ resource: 'pods', name, uid });
const allocation = { devices: { results: [] } };
const finalizers = [claimFinalizer];
const ownerReferences = [ownedBy(pods, pod)];
const deletionTimestamp = longAgo;
const foreign = { apiGroup: 'example.com', resource: 'things', name: 't', uid: 't' };
const reserved = { allocation, reservedFor: [consumer('p')] };

interface Row {
  readonly claim: Stored<ResourceV1ResourceClaim>;
  readonly pods?: readonly (typeof pod)[];
  readonly plan: readonly string[];
}

const rows: Record<string, Row> = {
  'its consumer lives – it stays': {
    claim: storedDeviceClaim('c', { metadata: { finalizers }, status: reserved }),
    pods: [pod],
    plan: [],
  },
  'its consumer is gone – it is deallocated and loses the finalizer': {
    claim: storedDeviceClaim('c', { metadata: { finalizers }, status: reserved }),
    plan: ['deallocate default/c'],
  },
  'its consumer has been replaced by a pod of the same name – it is deallocated': {
    claim: storedDeviceClaim('c', {
      metadata: { finalizers },
      status: { allocation, reservedFor: [consumer('p', 'earlier')] },
    }),
    pods: [pod],
    plan: ['deallocate default/c'],
  },
  'one consumer of two is gone – it stays allocated': {
    claim: storedDeviceClaim('c', {
      metadata: { finalizers },
      status: { allocation, reservedFor: [consumer('p'), consumer('gone')] },
    }),
    pods: [pod],
    plan: ['status ResourceClaim default/c'],
  },
  'its consumer has ended, it has no finalizer – it keeps its allocation': {
    claim: storedDeviceClaim('c', { status: reserved }),
    pods: [done],
    plan: ['status ResourceClaim default/c'],
  },
  'generated for a pod that has ended – it is deleted': {
    claim: storedDeviceClaim('c', { metadata: { finalizers, ownerReferences }, status: reserved }),
    pods: [done],
    plan: ['deallocate default/c', 'delete ResourceClaim default/c'],
  },
  'generated for a pod that was deleted before it had a node – it is deleted': {
    claim: storedDeviceClaim('c', { metadata: { ownerReferences } }),
    pods: [storedPod('p', { spec, phase: 'Pending', metadata: { deletionTimestamp } })],
    plan: ['delete ResourceClaim default/c'],
  },
  'generated for an earlier pod of the name – it is deleted': {
    claim: storedDeviceClaim('c', {
      metadata: { ownerReferences: ownerReferences.map((reference) => ({ ...reference, uid: 'earlier' })) },
    }),
    pods: [pod],
    plan: ['delete ResourceClaim default/c'],
  },
  'generated for a pod that is not in view – it is the garbage collector’s': {
    claim: storedDeviceClaim('c', { metadata: { ownerReferences } }),
    plan: [],
  },
  'being deleted, its consumer gone – it is deallocated': {
    claim: storedDeviceClaim('c', { metadata: { finalizers, deletionTimestamp }, status: reserved }),
    plan: ['deallocate default/c'],
  },
  'being deleted, allocated without consumers – it is deallocated': {
    claim: storedDeviceClaim('c', { metadata: { finalizers, deletionTimestamp }, status: { allocation } }),
    plan: ['deallocate default/c'],
  },
  'being deleted, without an allocation – it loses the finalizer': {
    claim: storedDeviceClaim('c', { metadata: { finalizers, deletionTimestamp } }),
    plan: ['update ResourceClaim default/c'],
  },
  'allocated without ever a consumer – it stays': {
    claim: storedDeviceClaim('c', { metadata: { finalizers }, status: { allocation } }),
    plan: [],
  },
  'a consumer of another kind beside an ended pod – the other consumer stays': {
    claim: storedDeviceClaim('c', {
      metadata: { finalizers },
      status: { allocation, reservedFor: [foreign, consumer('p')] },
    }),
    pods: [done],
    plan: ['status ResourceClaim default/c'],
  },
};
for (const [title, row] of Object.entries(rows)) {
  test(`a claim – ${title}`, async () => {
    const controller = new DryController(claimRelease).put(pods, ...(row.pods ?? []));
    controller.put(resourceClaims, row.claim);
    assert.deepEqual(await controller.printed('default/c'), row.plan);
  });
}

test('a claim – its consumer is only at the server yet – it stays', async () => {
  const controller = new DryController(claimRelease).atServer(pods, pod);
  controller.put(resourceClaims, storedDeviceClaim('c', { metadata: { finalizers }, status: reserved }));
  assert.deepEqual(await controller.printed('default/c'), []);
});

test('a claim – its consumer was seen to go – the server is not asked', async () => {
  const controller = new DryController(claimRelease).put(pods, pod).atServer(pods, pod);
  controller.put(resourceClaims, storedDeviceClaim('c', { metadata: { finalizers }, status: reserved }));
  controller.woken();
  controller.remove(pods, pod);
  assert.deepEqual(controller.woken(), ['default/c']);
  assert.deepEqual(await controller.printed('default/c'), ['deallocate default/c']);
});

test('a claim – its pod ends – is looked at; a running pod wakes none', () => {
  const controller = new DryController(claimRelease).put(pods, pod);
  assert.deepEqual(controller.woken(), []);
  controller.put(pods, { ...done, metadata: { ...done.metadata, resourceVersion: '2' } });
  assert.deepEqual(controller.woken(), ['default/c']);
});
