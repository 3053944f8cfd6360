/** When a waiting pod is tried again, on a virtual clock. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { makePod, type PodShape } from '#testing/scheduling/objects.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { definePlugin, Rejection } from '../framework.ts';
import { SchedulingQueue } from './queue.ts';
import { newQueued, type QueuedPod } from './queued-pod.ts';

const podBackOff = { initialMs: 1_000, maxMs: 10_000 };
const plugins = [
  definePlugin({ name: 'Room', hints: [{ kinds: ['Pod/AssignedDelete'] }] }),
  definePlugin({
    name: 'Labels',
    hints: [{ kinds: ['Node/Labels'], helps: (pod) => pod.pod.metadata.name !== 'deaf' }],
  }),
  definePlugin({
    name: 'Gate',
    preEnqueue: (pod) => (pod.labels['gated'] ? new Rejection('Gate', ['gated']) : undefined),
  }),
];

function queueOf(...shapes: PodShape[]) {
  const clock = new VirtualClock();
  const profiles = ['default-scheduler', 'other'].map((schedulerName) => ({ schedulerName, plugins }));
  const queue = new SchedulingQueue({ clock, profiles, backOff: podBackOff, onReady: () => {} });
  for (const shape of shapes) queue.add(makePod(shape));
  const pop = () => queue.pop()?.info.pod.metadata.name;
  return { clock, queue, pop };
}

test('the active queue – pops – by priority, then by age', () => {
  const { pop, queue } = queueOf({ name: 'a' }, { name: 'b', priority: 1 }, { name: 'c' });
  assert.deepEqual([pop(), pop(), pop(), pop()], ['b', 'a', 'c', undefined]);
  queue.stop();
});

test('a parked pod – an event – is moved only by events that may help it', () => {
  const { queue, pop } = queueOf({ name: 'a' }, { name: 'deaf' });
  for (const name of ['a', 'deaf']) {
    const popped = queue.pop()!;
    assert.equal(popped.info.pod.metadata.name, name);
    queue.park(popped, new Set(['Labels']));
  }
  queue.onEvent({ kind: 'Pod/AssignedDelete' });
  assert.equal(pop(), undefined);
  queue.onEvent({ kind: 'Node/Labels' });
  assert.deepEqual([pop(), pop()], ['a', undefined]);
  queue.stop();
});

test('a pod whose attempt failed with an error – waits for its back-off, which doubles up to ten seconds', async () => {
  const { clock, queue } = queueOf({ name: 'a' });
  for (const seconds of [1, 2, 4, 8, 10, 10]) {
    const popped = queue.pop()!;
    queue.retry(popped);
    await clock.advance(seconds * 1000 - 1);
    assert.equal(queue.pop(), undefined, `not before ${seconds} s`);
    await clock.advance(1);
    assert.equal(queue.counts().active, 1);
  }
  queue.stop();
});

test('a pod that no plugin rejected – any event moves it; five minutes move every pod', async () => {
  const { clock, queue, pop } = queueOf({ name: 'a' });
  queue.park(queue.pop()!, new Set());
  queue.onEvent({ kind: 'Node/Add' });
  const popped = queue.pop()!;
  assert.equal(popped.attempts, 2);
  queue.park(popped, new Set(['Room']));
  await clock.advance(300_000 + 30_000 + podBackOff.maxMs);
  assert.equal(pop(), 'a');
  queue.stop();
});

test('a gated pod – its gate is removed – enters the queue', () => {
  const { queue, pop } = queueOf({ name: 'a', labels: { gated: 'yes' } });
  assert.equal(pop(), undefined);
  assert.equal(queue.counts().gated, 1);
  queue.update(makePod({ name: 'a' }), true);
  assert.equal(pop(), 'a');
  queue.stop();
});

test('very many parked pods – are swept in steps; pods parked meanwhile are left out', () => {
  const { queue } = queueOf();
  for (let i = 0; i < 5000; i++) queue.add(makePod({ name: `p-${i}` }));
  for (let queued = queue.pop(); queued; queued = queue.pop()) {
    queue.park(queued, new Set([queued.info.pod.metadata.name === 'p-7' ? 'Labels' : 'Room']));
  }
  queue.onEvent({ kind: 'Pod/AssignedDelete' });
  assert.equal(queue.counts().unschedulable, 5000, 'nothing is done at once');
  assert.equal(queue.sweep(), true);
  const moved = 5000 - queue.counts().unschedulable;
  assert.ok(moved > 0 && moved < 1000, `${moved} in one step`);
  queue.add(makePod({ name: 'late', priority: 1 }));
  queue.park(queue.pop()!, new Set(['Room']));
  while (queue.sweep());
  assert.equal(queue.counts().unschedulable, 2, 'one that it does not help, and one that came later');
  queue.stop();
});

test('an event during a sweep – is handled by the next sweep', () => {
  const { queue } = queueOf();
  for (let i = 0; i < 2000; i++) queue.add(makePod({ name: `p-${i}` }));
  for (let queued = queue.pop(); queued; queued = queue.pop()) queue.park(queued, new Set(['Room']));
  queue.onEvent({ kind: 'Node/Labels' });
  queue.sweep();
  for (let i = 0; i < 300; i++) queue.onEvent({ kind: 'Pod/AssignedDelete' });
  while (queue.sweep());
  assert.equal(queue.counts().unschedulable, 0);
  queue.stop();
});

test('a long attempt – an event during it that may help the pod – moves it on when it is parked', () => {
  const { queue, pop } = queueOf({ name: 'a' }, { name: 'deaf' });
  for (const name of ['a', 'deaf']) {
    assert.equal(pop(), name);
    const missed = queue.followEvents();
    queue.onEvent({ kind: 'Node/Labels' });
    queue.park(queued(name), new Set(['Labels']));
    queue.catchUp(`default/${name}`, missed);
  }
  assert.deepEqual([queue.counts().backoff, queue.counts().unschedulable], [1, 1]);
  queue.stop();
});

test('a long attempt – more events than are kept – one is taken to help', () => {
  const { queue, pop } = queueOf({ name: 'deaf' });
  assert.equal(pop(), 'deaf');
  const missed = queue.followEvents();
  for (let i = 0; i < 1_001; i++) queue.onEvent({ kind: 'Node/Labels' });
  queue.park(queued('deaf'), new Set(['Labels']));
  queue.catchUp('default/deaf', missed);
  assert.equal(queue.counts().backoff, 1);
  queue.stop();
});

function queued(name: string): QueuedPod {
  return { ...newQueued(makePod({ name }), 0, 0), attempts: 1 };
}
