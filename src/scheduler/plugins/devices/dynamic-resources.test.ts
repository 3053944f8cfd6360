/** DynamicResources: where a pod's claims can be used or allocated; facts of upstream's dynamicresources_test.go. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { usualPluginArguments } from '#api/configuration/scheduler/plugin-arguments.ts';
import { pods as podsType } from '#api/generated/kinds.gen.ts';
import type { ResourceClaimStatus } from '#api/generated/types.gen.ts';
import {
  allocationOf,
  type DeviceClaimTraits,
  storedDeviceClaim,
  storedDeviceClass,
  storedSlice,
} from '#testing/objects/devices.ts';
import { longAgo, ownedBy } from '#testing/objects.ts';
import { type DevicesShape, TestDevices } from '#testing/scheduling/devices.ts';
import { makePod, type NodeShape, seeded } from '#testing/scheduling/objects.ts';
import { clusterOf, isHelpedBy, nodeEvent, verdictOf } from '#testing/scheduling/plugin.ts';
import type { ClusterEvent } from '../../framework.ts';
import { PluginError, Rejection, Unfinished } from '../../framework.ts';
import type { Claim } from './claims-of-pod.ts';
import { dynamicResources } from './dynamic-resources.ts';

const plugin = () => dynamicResources(usualPluginArguments.devices);
const podWith = (...names: string[]) =>
  makePod({ spec: { resourceClaims: names.map((name) => ({ name, resourceClaimName: name })) } });
const templated = makePod({ spec: { resourceClaims: [{ name: 'gpu', resourceClaimTemplateName: 'gpus' }] } });
const refused = (reason: string) => new Rejection('DynamicResources', [reason], true);
const cannotAllocate = refused('cannot allocate all claims');
const elsewhere = refused('resourceclaim not available on the node');
const gpu = storedDeviceClass('gpu');
const onA = storedSlice('a', ['0']);
const pending = storedDeviceClaim('c');
const allocatedOn = (node: string, more: ResourceClaimStatus = {}, name = 'c') =>
  storedDeviceClaim(name, { status: { allocation: allocationOf(node, '0'), ...more } });
const failed = {
  rejections: new Map(),
  filterings: [],
  fits: () => undefined,
  hasPrepared: () => true,
  random: seeded(1),
};

function clusterWith(shape: DevicesShape) {
  const test = new TestDevices(shape);
  const nodes = [{ name: 'a' }, { name: 'b' }];
  return { test, ...clusterOf({ nodes, listers: { devices: test.devices } }) };
}

function alternative(name: string, expression: string, deviceClassName = 'gpu') {
  return {
    name,
    deviceClassName,
    allocationMode: 'ExactCount',
    count: 1,
    selectors: [{ cel: { expression } }],
  };
}

type Verdict = 'skipped' | Rejection | readonly (Rejection | 'fits')[];

const filterRows: Record<string, { pod: ReturnType<typeof makePod>; shape: DevicesShape; verdict: Verdict }> =
  {
    'no claims': { pod: makePod({}), shape: {}, verdict: 'skipped' },
    'a claim that fits one node': {
      pod: podWith('c'),
      shape: { claims: [pending], slices: [onA], classes: [gpu] },
      verdict: ['fits', cannotAllocate],
    },
    'a claim without a class': {
      pod: podWith('c'),
      shape: { claims: [pending], slices: [onA] },
      verdict: refused('request req: device class gpu does not exist'),
    },
    'a list of alternatives, one without a class': {
      pod: podWith('c'),
      shape: {
        claims: [
          claimOf({ requests: [{ name: 'req', firstAvailable: [alternative('large', 'true', 'none')] }] }),
        ],
        slices: [onA],
        classes: [gpu],
      },
      verdict: refused('request req/large: device class none does not exist'),
    },
    'a claim allocated on a node': {
      pod: podWith('c'),
      shape: { claims: [allocatedOn('b')] },
      verdict: [elsewhere, 'fits'],
    },
    'a claim allocated for all nodes': {
      pod: podWith('c'),
      shape: { claims: [storedDeviceClaim('c', { status: { allocation: {} } })] },
      verdict: ['fits', 'fits'],
    },
    'a device that another claim has': {
      pod: podWith('c'),
      shape: { claims: [pending, allocatedOn('a', {}, 'other')], slices: [onA], classes: [gpu] },
      verdict: [cannotAllocate, cannotAllocate],
    },
    'two claims for one device': {
      pod: podWith('c', 'd'),
      shape: { claims: [pending, storedDeviceClaim('d')], slices: [onA], classes: [gpu] },
      verdict: [cannotAllocate, cannotAllocate],
    },
    'a claim that is missing': {
      pod: podWith('none'),
      shape: {},
      verdict: refused('could not find ResourceClaim "default/none"'),
    },
    'a claim that is being deleted': {
      pod: podWith('c'),
      shape: { claims: [storedDeviceClaim('c', { metadata: { deletionTimestamp: longAgo } })] },
      verdict: refused('resourceclaim "c" is being deleted'),
    },
    'a claim that is not created yet': {
      pod: templated,
      shape: {},
      verdict: refused('pod "default/pod": ResourceClaim not created yet'),
    },
    'invalid pools': {
      pod: podWith('c'),
      shape: { claims: [pending], slices: [storedSlice('a', ['0', '0'])], classes: [gpu] },
      verdict: [refused('invalid resource pools were encountered'), cannotAllocate],
    },
  };

function claimOf(devices: DeviceClaimTraits['devices']): Claim {
  return storedDeviceClaim('c', devices ? { devices } : {});
}

for (const [title, { pod, shape, verdict }] of Object.entries(filterRows)) {
  test(`filter – ${title} – ${typeof verdict === 'string' ? verdict : 'by node'}`, () => {
    const { view, nodes } = clusterWith(shape);
    assert.deepEqual(verdictOf(plugin().preFilter?.(pod, view), nodes), verdict);
  });
}

test('filter – a selector that fails – ends the attempt', () => {
  const attribute = 'device.attributes["gpu.example.com"].healthy';
  const selecting = storedDeviceClass('gpu', { selectors: [{ cel: { expression: attribute } }] });
  const { view, nodes } = clusterWith({ claims: [pending], slices: [onA], classes: [selecting] });
  const text =
    'running "DynamicResources" filter plugin: class gpu: selector #0: CEL runtime error: no such key: healthy';
  assert.throws(
    () => verdictOf(plugin().preFilter?.(podWith('c'), view), nodes),
    (error) => error instanceof PluginError && error.message === text,
  );
});

const gates: [string, ReturnType<typeof makePod>, string | undefined][] = [
  ['without claims', makePod({}), undefined],
  ['with its claim', podWith('c'), undefined],
  ['whose claim is missing', podWith('none'), 'could not find ResourceClaim "default/none"'],
  ['whose claim is not created', templated, 'pod "default/pod": ResourceClaim not created yet'],
];
for (const [title, pod, reason] of gates) {
  test(`preEnqueue – a pod ${title} – ${reason ?? 'enters the queue'}`, () => {
    const { view } = clusterWith({ claims: [pending] });
    assert.deepEqual(
      plugin().preEnqueue?.(pod, view.listers),
      reason === undefined ? undefined : refused(reason),
    );
  });
}

test('preEnqueue – a generated claim of another pod – keeps the pod out', () => {
  const status = { resourceClaimStatuses: [{ name: 'gpu', resourceClaimName: 'c' }] };
  const pod = makePod({ spec: templated.pod.spec ?? {} });
  const owned = { ...pod.pod, status };
  const { view } = clusterWith({ claims: [pending] });
  const reason = 'ResourceClaim default/c was not created for Pod default/pod (Pod is not owner)';
  assert.deepEqual(plugin().preEnqueue?.({ ...pod, pod: owned } as never, view.listers), refused(reason));
  const own = storedDeviceClaim('c', { metadata: { ownerReferences: [ownedBy(podsType, pod.pod)] } });
  const { view: mine } = clusterWith({ claims: [own] });
  assert.equal(plugin().preEnqueue?.({ ...pod, pod: owned } as never, mine.listers), undefined);
});

const deallocations: [string, Claim, string, boolean][] = [
  ['unused', allocatedOn('b'), 'deallocation of ResourceClaim completed', true],
  [
    'reserved for the pod alone',
    allocatedOn('b', { reservedFor: [{ resource: 'pods', name: 'pod', uid: 'default/pod' }] }),
    'deallocation of ResourceClaim completed',
    true,
  ],
  [
    'used by another pod',
    allocatedOn('b', { reservedFor: [{ resource: 'pods', name: 'other', uid: 'other' }] }),
    'still not schedulable',
    false,
  ],
];
for (const [title, claim, message, writes] of deallocations) {
  test(`postFilter – a claim that keeps the pod from a node, ${title} – ${message}`, () => {
    const { view, nodes } = clusterWith({ claims: [claim] });
    const running = plugin();
    const pod = podWith('c');
    verdictOf(running.preFilter?.(pod, view), nodes.slice(0, 1));
    const result = running.postFilter?.(pod, view, failed);
    assert.equal(result?.message, message);
    assert.equal(result?.write !== undefined, writes);
  });
}

test('postFilter – no claims – has none to deallocate', () => {
  const { view } = clusterWith({});
  assert.deepEqual(plugin().postFilter?.(makePod({}), view, failed), {
    message: 'no new claims to deallocate',
  });
});

test('postFilter – another plugin rejected the pod before this one prepared for it – fails', () => {
  const { view } = clusterWith({});
  const unprepared = { ...failed, hasPrepared: () => false };
  const result = plugin().postFilter?.(makePod({}), view, unprepared);
  assert.deepEqual(result, { message: 'not found', isError: true });
});

test('score – a list of alternatives – the node with the better one is preferred', () => {
  const large = alternative('large', 'device.attributes["gpu.example.com"].large');
  const devices = { requests: [{ name: 'req', firstAvailable: [large, alternative('small', 'true')] }] };
  const device = (isLarge: boolean) => ({ name: '0', attributes: { large: { bool: isLarge } } });
  const slices = [storedSlice('a', [device(false)]), storedSlice('b', [device(true)])];
  const { view, nodes } = clusterWith({ claims: [claimOf(devices)], slices, classes: [gpu] });
  const running = plugin();
  const pod = podWith('c');
  verdictOf(running.preFilter?.(pod, view), nodes);
  const scoring = running.preScore?.(pod, nodes, view);
  const scores = Float64Array.from(nodes, (node) => scoring?.score(node) ?? -1);
  assert.deepEqual([...scores], [7, 8]);
  scoring?.normalize?.(scores, nodes);
  assert.deepEqual([...scores], [87, 100]);
});

test('reserve – a device found for a claim – is taken until it is released', () => {
  const shape = { claims: [pending, storedDeviceClaim('d')], slices: [onA], classes: [gpu] };
  const { test, view, nodes } = clusterWith(shape);
  const running = plugin();
  const filtering = running.preFilter?.(podWith('c'), view);
  assert.ok(filtering && !(filtering instanceof Rejection));
  verdictOf(filtering, nodes);
  const reservation = filtering.reserve?.(nodes[0]!);
  const others = () => verdictOf(running.preFilter?.(podWith('d'), view), nodes.slice(0, 1));
  assert.deepEqual(others(), [cannotAllocate]);
  const same = refused('resource claim default/c is in the process of being allocated');
  assert.deepEqual(running.preFilter?.(podWith('c'), view), same);
  reservation?.release();
  assert.deepEqual(others(), ['fits']);
  assert.equal(test.devices.isBeingAllocated('c'), false);
});

const claimEvent = (object: Claim, oldObject?: Claim): ClusterEvent => ({
  kind: 'ResourceClaim',
  object,
  ...(oldObject ? { oldObject } : {}),
});
const hints: [string, ClusterEvent, boolean][] = [
  ['its claim is created', claimEvent(pending), true],
  ['its claim is allocated', claimEvent(allocatedOn('a'), pending), true],
  ['the metadata of its claim changes', claimEvent(pending, pending), false],
  ['a claim of another pod is created', claimEvent(storedDeviceClaim('d')), false],
  [
    'a claim of another pod is deallocated',
    claimEvent(storedDeviceClaim('d'), allocatedOn('a', {}, 'd')),
    true,
  ],
  ['a node is added', nodeEvent('Node/Add', { name: 'n' }), true],
  ['a slice is published', { kind: 'ResourceSlice', object: onA }, true],
  ['a class is created', { kind: 'DeviceClass', object: gpu }, true],
  ['a node’s taints change', nodeEvent('Node/Taints', { name: 'n' }, { name: 'n' }), false],
];
for (const [title, event, helps] of hints) {
  test(`hints – ${title} – ${helps ? 'wakes the pod' : 'wakes nothing'}`, () => {
    const { view } = clusterWith({ claims: [pending] });
    assert.equal(isHelpedBy(plugin(), podWith('c'), event, view.listers), helps);
  });
}

test('hints – a claim of the pod is created, another is still missing – wakes nothing', () => {
  const { view } = clusterWith({ claims: [pending] });
  assert.equal(isHelpedBy(plugin(), podWith('c', 'none'), claimEvent(pending), view.listers), false);
});

test('reserve – two claims on a node – each gets a device of its own', () => {
  const claims = [storedDeviceClaim('c'), storedDeviceClaim('d')];
  const { test, view, nodes } = clusterWith({
    claims,
    slices: [storedSlice('a', ['0', '1'])],
    classes: [gpu],
  });
  const filtering = plugin().preFilter?.(podWith('c', 'd'), view);
  assert.ok(filtering && !(filtering instanceof Rejection));
  assert.equal(filtering.filter?.(nodes[0]!), undefined);
  const { allocated } = test.devices;
  assert.equal(allocated.isTaken('gpu.example.com/a/0'), false);
  const reservation = filtering.reserve?.(nodes[0]!);
  assert.equal(allocated.isTaken('gpu.example.com/a/0') && allocated.isTaken('gpu.example.com/a/1'), true);
  reservation?.release();
  assert.equal(allocated.isTaken('gpu.example.com/a/0') || allocated.isTaken('gpu.example.com/a/1'), false);
});

const withResource = makePod({ requests: { 'example.com/gpu': '1' } });
const standsFor = storedDeviceClass('gpu', {
  selectors: [{ cel: { expression: 'device.driver == "gpu.example.com"' } }],
  extendedResourceName: 'example.com/gpu',
});
const leftoverMetadata = {
  annotations: { 'resource.kubernetes.io/extended-resource-claim': 'true' },
  ownerReferences: [ownedBy(podsType, withResource.pod)],
};

const extendedRows: Record<string, { shape: DevicesShape; nodes: NodeShape[]; verdict: Verdict }> = {
  'no class stands for': {
    shape: { classes: [gpu], slices: [onA] },
    nodes: [{ name: 'a' }],
    verdict: 'skipped',
  },
  'a class stands for': {
    shape: { classes: [standsFor], slices: [onA] },
    nodes: [{ name: 'a' }, { name: 'b' }],
    verdict: ['fits', cannotAllocate],
  },
  'a node offers itself': {
    shape: { classes: [standsFor] },
    nodes: [{ name: 'a', allocatable: { 'example.com/gpu': '1' } }, { name: 'b' }],
    verdict: ['fits', cannotAllocate],
  },
  'an earlier attempt has made a claim for': {
    shape: {
      classes: [standsFor],
      slices: [onA],
      claims: [storedDeviceClaim('left', { metadata: leftoverMetadata })],
    },
    nodes: [{ name: 'a' }],
    verdict: [refused('cannot schedule extended resource claim')],
  },
};
for (const [title, { shape, nodes: nodeShapes, verdict }] of Object.entries(extendedRows)) {
  test(`filter – an extended resource that ${title} – ${typeof verdict === 'string' ? verdict : 'by node'}`, () => {
    const { devices } = new TestDevices(shape);
    const { view, nodes } = clusterOf({ nodes: nodeShapes, listers: { devices } });
    assert.deepEqual(verdictOf(plugin().preFilter?.(withResource, view), nodes), verdict);
  });
}

test('postFilter – an earlier attempt has made a claim for an extended resource – deletes it', () => {
  const left = storedDeviceClaim('left', { metadata: leftoverMetadata });
  const { view, nodes } = clusterWith({ classes: [standsFor], slices: [onA], claims: [left] });
  const running = plugin();
  verdictOf(running.preFilter?.(withResource, view), nodes);
  const result = running.postFilter?.(withResource, view, failed);
  assert.equal(result?.message, 'deletion of ResourceClaim completed');
  assert.ok(result?.write);
});

test('reserve – an extended resource that the chosen node offers itself – takes no device', () => {
  const { devices } = new TestDevices({ classes: [standsFor] });
  const shapes = [{ name: 'a', allocatable: { 'example.com/gpu': '1' } }];
  const { view, nodes } = clusterOf({ nodes: shapes, listers: { devices } });
  const filtering = plugin().preFilter?.(withResource, view);
  assert.ok(filtering && !(filtering instanceof Rejection));
  verdictOf(filtering, nodes);
  assert.equal(filtering.reserve?.(nodes[0]!), undefined);
});

/** Many ways to take four devices, and none for the other request. */
const costly = claimOf({
  requests: [
    { name: 'req', exactly: { deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 4 } },
    { name: 'none', exactly: alternative('none', 'false') },
  ],
});
const many = storedSlice(
  'a',
  Array.from({ length: 24 }, (_, i) => `${i}`),
);

/** Each look at the clock takes a millisecond. */
function tickingCluster() {
  let ms = 0;
  const clock = { now: () => 0, monotonicMs: () => ms++ };
  return clusterWith({ claims: [costly], slices: [many], classes: [gpu], clock });
}

/** The verdict, and the cycles that it took. */
function inCycles(running: ReturnType<typeof plugin>, pod = podWith('c')): [Verdict, number] {
  const { view, nodes } = tickingCluster();
  for (let cycle = 1; ; cycle++) {
    try {
      return [verdictOf(running.preFilter?.(pod, view), nodes.slice(0, 1)), cycle];
    } catch (error) {
      if (!(error instanceof Unfinished)) throw error;
    }
  }
}

test('filter – a search that takes longer than a cycle may – goes on in the next cycles', () => {
  const [verdict, cycles] = inCycles(plugin());
  assert.deepEqual(verdict, [cannotAllocate]);
  assert.ok(cycles > 2, `${cycles} cycles`);
});

test('filter – a search that takes longer than the argument allows – ends the attempt', () => {
  const limited = dynamicResources({ ...usualPluginArguments.devices, filterTimeoutMs: 50 });
  const text = 'running "DynamicResources" filter plugin: node a: timed out trying to allocate devices';
  assert.throws(
    () => inCycles(limited),
    (error) => error instanceof PluginError && error.message === text,
  );
});
