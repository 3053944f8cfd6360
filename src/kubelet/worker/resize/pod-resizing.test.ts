import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodCondition, ResourceRequirements } from '#api/generated/types.gen.ts';
import { storedPod } from '#testing/objects.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import type { Rejection } from '../../admission/rejection.ts';
import { resourcesAnnotation } from '../../decide/allocation.ts';
import type { NodePod } from '../../pod/pod.ts';
import type { PodView } from '../../runtime/pod-view.ts';
import { PodResizing, type PodResizingParts } from './pod-resizing.ts';

const sized = (cpu: string, memory = '64Mi'): ResourceRequirements => ({
  requests: { memory: '32Mi', cpu: '50m' },
  limits: { memory, cpu },
});

function podOf(
  generation: number,
  resources: ResourceRequirements,
  conditions: PodCondition[] = [],
): NodePod {
  const metadata = { uid: 'u', generation };
  return storedPod('p', {
    metadata,
    spec: { containers: [{ name: 'main', resources }] },
    status: { conditions },
  });
}

const view = {
  sandboxes: [],
  containers: [
    {
      id: 'c',
      name: 'main',
      state: 'running',
      annotations: { [resourcesAnnotation]: JSON.stringify(sized('100m')) },
    },
  ],
} as unknown as PodView;

/** A pod that runs with 100m, its events, and a node that can be made to refuse and to fail. */
function setUp(first = podOf(1, sized('100m'))) {
  const events: string[] = [];
  const clock = new VirtualClock();
  const node: { rejection?: Rejection; failure?: Error; memoryTotalBytes: number } = {
    memoryTotalBytes: 0,
  };
  const parts = {
    clock,
    deferResize: () => node.rejection,
    events: {
      event: (_: unknown, type: string, reason: string, message: string) =>
        void events.push(`${type} ${reason} ${message}`),
    },
    setup: {},
    allocatable: () => ({}),
    swap: { behavior: 'NoSwap', isCgroupV2: false, memoryBytes: 2 ** 30, swapBytes: 0 },
    runtime: {
      async updateContainerResources() {
        if (node.failure) throw node.failure;
      },
      listUsage: async () => [{ containerId: 'c', podUid: 'u', memoryTotalBytes: node.memoryTotalBytes }],
    },
  } as unknown as PodResizingParts;
  const resizing = new PodResizing(parts, first);
  const step = () => {
    resizing.decide();
    return resizing.carryOut(view);
  };
  return { resizing, step, events, node, clock };
}

const json = (cpu: string, generation: number, error = '', memory = '64Mi') =>
  `{"containers":[{"name":"main","resources":{"limits":{"cpu":"${cpu}","memory":"${memory}"},` +
  `"requests":{"cpu":"50m","memory":"32Mi"}}}],"generation":${generation}${error && `,"error":${JSON.stringify(error)}`}}`;

test('a resize – granted – has events at its start and its end; a pod that is as specified has none', async () => {
  const { resizing, step, events } = setUp();
  await step();
  assert.deepEqual(events, []);
  resizing.update(podOf(2, sized('200m')));
  assert.equal(await step(), undefined);
  assert.deepEqual(events, [
    `Normal ResizeStarted Pod resize started: ${json('200m', 2)}`,
    `Normal ResizeCompleted Pod resize completed: ${json('200m', 2)}`,
  ]);
  assert.deepEqual(resizing.state, {});
});

test('a resize – that has to wait – has one event for each generation, with the cause', async () => {
  const { resizing, step, events, node } = setUp();
  const message = "Node didn't have enough resource: cpu, requested: 5000, used: 0, capacity: 4000";
  node.rejection = { reason: 'OutOfcpu', message };
  resizing.update(podOf(2, sized('5')));
  for (let i = 0; i < 3; i++) assert.equal(await step(), 10_000);
  assert.deepEqual(events, [`Warning ResizeDeferred Pod resize OutOfcpu: ${json('5', 2, message)}`]);
  assert.deepEqual(resizing.state, { pending: { reason: 'Deferred', message, generation: 2 } });
  resizing.update(podOf(3, sized('6')));
  await step();
  assert.equal(events[1], `Warning ResizeDeferred Pod resize OutOfcpu: ${json('6', 3, message)}`);
  node.rejection = { reason: 'Evicted', message: 'The node had condition: [DiskPressure]. ' };
  await step();
  assert.equal(events.length, 2, 'another cause is no other state');
  resizing.update(podOf(4, sized('100m')));
  await step();
  assert.deepEqual(resizing.state, {});
  assert.equal(events.length, 2);
});

test('a resize – failing – has one event, stays in the condition, and keeps the generation of its beginning', async () => {
  const { resizing, step, events, node } = setUp();
  node.failure = new Error('a < b');
  resizing.update(podOf(2, sized('200m')));
  assert.equal(await step(), 10_000);
  resizing.update({ ...podOf(3, sized('200m')), spec: { ...podOf(3, sized('200m')).spec, hostname: 'h' } });
  await step();
  assert.deepEqual(resizing.state.inProgress, { reason: 'Error', message: 'a < b', generation: 2 });
  const error = json('200m', 2, 'a < b').replace('<', '\\u003c');
  assert.deepEqual(events.slice(1), [`Warning ResizeError Pod resize error: ${error}`]);
  delete node.failure;
  await step();
  assert.equal(events[2], `Normal ResizeCompleted Pod resize completed: ${json('200m', 2)}`);
});

test('a memory limit – resized below the usage – is not applied', async () => {
  const { resizing, step, events, node } = setUp();
  node.memoryTotalBytes = 50 * 2 ** 20;
  resizing.update(podOf(2, sized('100m', '48Mi')));
  assert.equal(await step(), 10_000);
  const [limit, used] = [48 * 2 ** 20, 50 * 2 ** 20];
  const why =
    `cannot decrease memory limits: [attempting to set pod memory limit (${limit}) below current usage (${used}), ` +
    `attempting to set container "main" memory limit (${limit}) below current usage (${used})]`;
  assert.deepEqual(resizing.state.inProgress, { reason: 'Error', message: why, generation: 2 });
  assert.equal(events[1], `Warning ResizeError Pod resize error: ${json('100m', 2, why, '48Mi')}`);
  node.memoryTotalBytes = 10 * 2 ** 20;
  await step();
  assert.deepEqual(resizing.state, {});
});

test("a resize – reported before the kubelet's restart – has no second event", async () => {
  const message = 'too much';
  const pending = {
    type: 'PodResizePending',
    status: 'True',
    reason: 'Deferred',
    message,
    observedGeneration: 2,
  };
  const { resizing, step, events, node } = setUp(podOf(2, sized('100m'), [pending]));
  node.rejection = { reason: 'OutOfcpu', message };
  resizing.update(podOf(2, sized('5'), [pending]));
  await step();
  assert.deepEqual(events, []);
});

test('a resize – granted, before any container has it – is in progress', () => {
  const { resizing } = setUp();
  resizing.update(podOf(2, sized('200m')));
  resizing.decide();
  assert.deepEqual(resizing.state, { inProgress: { generation: 2 } });
});

test('a resize – that waits for room – is known with the time of its first refusal, until it is granted', async () => {
  const { resizing, step, node, clock } = setUp();
  const resized = podOf(2, sized('200m'));
  resizing.update(resized);
  assert.equal(resizing.deferred === undefined, true);
  node.rejection = { reason: 'OutOfcpu', message: 'full' };
  await step();
  const sinceMs = clock.monotonicMs();
  await clock.advance(10_000);
  await step();
  assert.equal(resizing.deferred?.pod, resized);
  assert.equal(resizing.deferred?.sinceMs, sinceMs);
  delete node.rejection;
  await step();
  assert.equal(resizing.deferred, undefined);
});
