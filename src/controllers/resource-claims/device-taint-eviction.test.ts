/** Pods on tainted devices: deleted, waited for, and let be; facts of upstream's device_taint_eviction_test.go. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pods, resourceClaims, resourceSlices } from '#api/generated/kinds.gen.ts';
import type { DeviceTaint, DeviceToleration } from '#api/generated/types.gen.ts';
import { DryController } from '#testing/controllers/dry-controller.ts';
import { allocationOf, storedDeviceClaim, storedSlice } from '#testing/objects/devices.ts';
import { longAgo, type PodTraits, storedPod } from '#testing/objects.ts';
import { deviceTaintEviction } from './device-taint-eviction.ts';

const now = '2026-01-01T12:00:00Z';
const spec = { resourceClaims: [{ name: 'gpu', resourceClaimName: 'c' }] };
const podOf = (traits: PodTraits = {}) => storedPod('p', { node: 'a', spec, ...traits });
const taint: DeviceTaint = { key: 'broken', value: 'yes', effect: 'NoExecute', timeAdded: now };
const slice = (taints: DeviceTaint[], more = {}) => storedSlice('a', [{ name: '0', taints }], more);
const tolerates = (more: DeviceToleration = {}) => ({
  key: 'broken',
  operator: 'Exists',
  effect: 'NoExecute',
  ...more,
});

function claimWith(tolerations: DeviceToleration[] = [], uid = 'p') {
  const allocation = allocationOf('a', '0');
  const results = (allocation.devices?.results ?? []).map((result) => ({ ...result, tolerations }));
  const reservedFor = [{ resource: 'pods', name: 'p', uid }];
  return storedDeviceClaim('c', { status: { allocation: { devices: { results } }, reservedFor } });
}

const condition =
  '"conditions":[{"type":"DisruptionTarget","status":"True","reason":"DeletionByDeviceTaintManager","message":"Device Taint manager: deleting due to NoExecute taint","lastTransitionTime":"2026-01-01T12:00:00Z"}]';
const evicted = [
  'event Normal DeviceTaintManagerEviction "Marking for deletion"',
  `patch Pod default/p/status {"metadata":{"uid":"p"},"status":{${condition}}} ignoring NotFound`,
  'delete Pod default/p',
];

interface Row {
  readonly pod?: ReturnType<typeof podOf>;
  readonly claim?: ReturnType<typeof claimWith>;
  readonly slices?: readonly ReturnType<typeof slice>[];
  readonly plan: readonly string[];
}

const rows: Record<string, Row> = {
  'without a toleration': { plan: evicted },
  'without a taint': { slices: [slice([])], plan: [] },
  'with a taint of another effect': { slices: [slice([{ ...taint, effect: 'NoSchedule' }])], plan: [] },
  'tolerated for ever': { claim: claimWith([tolerates()]), plan: [] },
  'tolerated for a while': {
    claim: claimWith([tolerates({ tolerationSeconds: 60 })]),
    plan: ['again after 60000 ms'],
  },
  'tolerated twice for a while: the shorter counts': {
    claim: claimWith([tolerates({ tolerationSeconds: 60 }), tolerates({ tolerationSeconds: 10 })]),
    plan: ['again after 10000 ms'],
  },
  'tolerated for less than nothing': {
    claim: claimWith([tolerates({ tolerationSeconds: -5 })]),
    plan: evicted,
  },
  'tolerated for every effect, which does not count': {
    claim: claimWith([{ key: 'broken', operator: 'Exists' }]),
    plan: evicted,
  },
  'another taint that is not tolerated': {
    claim: claimWith([tolerates()]),
    slices: [slice([taint, { ...taint, key: 'hot' }])],
    plan: evicted,
  },
  'an old generation of the pool': {
    slices: [
      slice([taint]),
      {
        ...slice([], { pool: { name: 'a', generation: 2, resourceSliceCount: 1 } }),
        metadata: { ...slice([]).metadata, name: 'new' },
      },
    ],
    plan: [],
  },
  'a claim of another pod of the name': { claim: claimWith([], 'earlier'), plan: [] },
  'a pod without a node': { pod: podOf({ node: '' }), plan: [] },
  'a pod being deleted': { pod: podOf({ metadata: { deletionTimestamp: longAgo } }), plan: [] },
  'a pod that has ended': { pod: podOf({ phase: 'Succeeded' }), plan: [] },
};
for (const [title, { pod = podOf(), claim = claimWith(), slices = [slice([taint])], plan }] of Object.entries(
  rows,
)) {
  test(`a pod on a tainted device – ${title} – ${plan[0] ?? 'stays'}`, async () => {
    const controller = new DryController(deviceTaintEviction, { now });
    controller
      .put(pods, pod)
      .put(resourceClaims, claim)
      .put(resourceSlices, ...slices);
    assert.deepEqual(await controller.printed('default/p'), plan);
  });
}

test('a pod that waits for its deletion – the taint is gone – is let be, with an event', async () => {
  const controller = new DryController(deviceTaintEviction, { now });
  controller.put(pods, podOf()).put(resourceClaims, claimWith([tolerates({ tolerationSeconds: 60 })]));
  controller.put(resourceSlices, slice([taint]));
  await controller.plan('default/p');
  controller.woken();
  controller.put(resourceSlices, slice([]));
  assert.deepEqual(controller.woken(), ['default/p']);
  const cancelled = ['event Normal DeviceTaintManagerEviction "Cancelling deletion"'];
  assert.deepEqual(await controller.printed('default/p'), cancelled);
  assert.deepEqual(await controller.printed('default/p'), []);
});

test('a pod on a device – its taints stay as they are, its claim is released – is looked at when it may matter', async () => {
  const controller = new DryController(deviceTaintEviction, { now });
  const claim = claimWith([tolerates({ tolerationSeconds: 60 })]);
  controller
    .put(pods, podOf())
    .put(resourceClaims, claim)
    .put(resourceSlices, slice([taint]));
  await controller.plan('default/p');
  controller.woken();
  controller.put(resourceSlices, slice([taint]));
  assert.deepEqual(controller.woken(), []);
  controller.put(resourceClaims, { ...claim, status: {} });
  assert.deepEqual(controller.woken(), ['default/p']);
});
