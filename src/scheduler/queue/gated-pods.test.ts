/** Pods outside the queue, found by the plugin that keeps them out. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePod } from '#testing/scheduling/objects.ts';
import { noListers } from '../cache/listers.ts';
import { definePlugin, Rejection } from '../framework.ts';
import { GatedPods } from './gated-pods.ts';
import { newQueued } from './queued-pod.ts';

const gate = (name: string) =>
  definePlugin({
    name,
    preEnqueue: (pod) => (pod.labels[name] ? new Rejection(name, ['gated']) : undefined),
  });
const profiles = [{ schedulerName: 'default-scheduler', plugins: [gate('first'), gate('second')] }];
const pod = (name: string, labels: Record<string, string>) => newQueued(makePod({ name, labels }), 0, 0);

test('gated pods – kept out by several plugins – are found by the first that keeps them out', () => {
  const gated = new GatedPods(profiles, noListers);
  const [a, b, c] = [pod('a', { first: 'x', second: 'x' }), pod('b', { second: 'x' }), pod('c', {})];
  assert.deepEqual(
    [a, b, c].map((each) => gated.takes(each)),
    [true, true, false],
  );
  const waiting = (plugin: string) => gated.waitingFor(`default-scheduler/${plugin}`);
  assert.deepEqual([waiting('first'), waiting('second'), gated.size], [[a], [b], 2]);
  gated.remove(b.info.key);
  gated.remove(b.info.key);
  assert.deepEqual([waiting('second'), gated.get(b.info.key), gated.get(a.info.key)], [[], undefined, a]);
});

test('gated pods – one is asked again after a change – waits for the plugin that keeps it out now', () => {
  const gated = new GatedPods(profiles, noListers);
  const queued = pod('a', { first: 'x' });
  gated.takes(queued);
  queued.info = makePod({ name: 'a', labels: { second: 'x' } });
  assert.equal(gated.takes(queued), true);
  assert.deepEqual(gated.waitingFor('default-scheduler/first'), []);
  queued.info = makePod({ name: 'a' });
  assert.equal(gated.takes(queued), false);
  assert.equal(gated.size, 0);
});
