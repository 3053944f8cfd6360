import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storedPod } from '#testing/objects.ts';
import { PodLife } from './pod-life.ts';
import type { Failure } from './status/pod-report.ts';

const evicted: Failure = { cause: 'Evicted', reason: 'Evicted', message: 'm', graceSeconds: 5 };
const rejected: Failure = { cause: 'Rejected', reason: 'OutOfcpu', message: 'm' };
const pod = storedPod('p', { spec: { terminationGracePeriodSeconds: 30 } });
const staticPod = storedPod('s', {
  metadata: { annotations: { 'kubernetes.io/config.source': 'file' } },
  spec: { terminationGracePeriodSeconds: 30 },
});

type Step = (life: PodLife) => void;
const end: Step = (life) => life.end();
const evict: Step = (life) => life.end(evicted);
const reject: Step = (life) => life.end(rejected);
const remove: Step = (life) => life.remove();
const terminated: Step = (life) => life.terminated();

const table: [what: string, steps: Step[], shows: string][] = [
  ['that has arrived', [], 'running room 30s 30s'],
  ['that ends by itself', [end], 'terminating room 30s 30s'],
  ['that was evicted', [evict], 'terminating Evicted room 5s 5s'],
  ['that was evicted while it ended', [end, evict], 'terminating Evicted room 5s 5s'],
  ['that ended after it was evicted', [evict, end], 'terminating Evicted room 5s 5s'],
  ['that was rejected', [reject], 'terminating OutOfcpu 30s 30s'],
  ['that the API no longer has', [remove], 'terminating removed 1s 30s'],
  ['that was evicted, then removed', [evict, remove], 'terminating Evicted removed 1s 5s'],
  ['that has ended', [end, terminated], 'terminated 30s 30s'],
  ['that was removed, then ended', [remove, terminated], 'gone removed 1s 30s'],
  ['that ended, then was removed', [end, terminated, remove], 'gone removed 1s 30s'],
  ['that is gone, and fails', [remove, terminated, evict], 'gone removed 1s 30s'],
];

for (const [what, steps, shows] of table) {
  test(`the life of a pod – ${what} – is ${shows}`, () => {
    const life = new PodLife();
    for (const step of steps) step(life);
    const name = ['running', 'terminated', 'gone'].find(
      (_, i) => [life.isRunning, life.isTerminated, life.isGone][i],
    );
    const shown = [
      name ?? 'terminating',
      life.failure?.reason,
      life.isRemoved ? 'removed' : '',
      life.takesRoom ? 'room' : '',
      `${life.graceSeconds(pod)}s`,
      `${life.graceSeconds(staticPod)}s`,
    ];
    assert.equal(shown.filter(Boolean).join(' '), shows);
  });
}
