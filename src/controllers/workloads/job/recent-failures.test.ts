import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { ended, jobOf, podOf } from '#testing/objects/jobs.ts';
import { backoffLeftMs, endedAtMs } from './backoff.ts';
import { JobFailures } from './recent-failures.ts';

const job = jobOf({});
const time = (second: number) => `2026-01-01T00:00:${String(second).padStart(2, '0')}Z`;
const failed = (name: string, second: number) => podOf(name, ended(1, time(second)));
const succeeded = (name: string, second: number) => podOf(name, ended(0, time(second)));

function deleted(pod: Stored<Pod>, finalizers = pod.metadata.finalizers ?? []): Stored<Pod> {
  const deletion = { deletionTimestamp: time(40), deletionGracePeriodSeconds: 30 };
  return { ...pod, metadata: { ...pod.metadata, ...deletion, finalizers } };
}

describe('failures – those since the last success count', () => {
  const running = podOf('r', { phase: 'Running' });
  const cases: [string, Stored<Pod>[], number, number | undefined][] = [
    ['nothing', [running], 0, undefined],
    ['two failures', [failed('a', 2), failed('b', 1)], 2, 2],
    ['two, then a success', [failed('a', 1), failed('b', 2), succeeded('s', 3)], 0, undefined],
    ['a success between', [failed('a', 1), succeeded('s', 2), failed('b', 3), failed('c', 4)], 2, 4],
    ['both at once', [failed('a', 1), succeeded('s', 1)], 0, undefined],
    ['deleted while it ran', [deleted(running)], 1, 10],
    ['stopped because it was too much', [deleted(failed('a', 1), [])], 0, undefined],
    ['more than matter', Array.from({ length: 9 }, (_, i) => failed(`p${i}`, i)), 7, 8],
  ];
  for (const [title, pods, count, second] of cases) {
    test(title, () => {
      const { count: is, lastAtMs } = new JobFailures().observe(job, pods);
      assert.deepEqual([is, lastAtMs], [count, second === undefined ? 0 : Date.parse(time(second))]);
    });
  }
});

test('failures – their pods are gone – remembered, each once, until the job is gone', () => {
  const failures = new JobFailures();
  failures.observe(job, [failed('a', 1)]);
  failures.observe(job, [failed('a', 1), failed('b', 2)]);
  assert.equal(failures.observe(job, []).count, 2);
  failures.forget(job.metadata.uid);
  assert.equal(failures.observe(job, []).count, 0);
});

test('a success – its pod is gone – failures before it do not come back', () => {
  const failures = new JobFailures();
  failures.observe(job, [failed('a', 1), succeeded('s', 2)]);
  assert.equal(failures.observe(job, [failed('a', 1)]).count, 0);
});

test('back-off – it doubles from ten seconds to ten minutes', () => {
  const left = [0, 1, 2, 3, 6, 7, 40].map((count) => backoffLeftMs(count, 1000, 1000) / 1000);
  assert.deepEqual(left, [0, 10, 20, 40, 320, 600, 600]);
  assert.equal(backoffLeftMs(1, 1000, 5000), 6000);
  assert.equal(backoffLeftMs(1, 1000, 11_000), 0);
  assert.equal(backoffLeftMs(1, 1000, 12_000), 0);
});

describe('the end of a pod – its last container, else its readiness, its deletion, its creation', () => {
  const [status] = ended(1).containerStatuses ?? [];
  assert.ok(status);
  const stateless = { ...status, state: { running: { startedAt: time(1) } } };
  const terminated = (second: number) => ({
    ...status,
    state: { terminated: { exitCode: 1, finishedAt: time(second) } },
  });
  const unready = { type: 'Ready', status: 'False', lastTransitionTime: time(7) };
  const cases: [string, Stored<Pod>, number][] = [
    ['containers', podOf('p', { containerStatuses: [terminated(3), terminated(5), terminated(4)] }), 5],
    ['one runs', deleted(podOf('p', { containerStatuses: [terminated(3), stateless] })), 10],
    ['unready', deleted(podOf('p', { containerStatuses: [stateless], conditions: [unready] })), 7],
    ['ready', deleted(podOf('p', { conditions: [{ ...unready, status: 'True' }] })), 10],
    ['nothing known', podOf('p', {}), 0],
  ];
  for (const [title, pod, second] of cases) {
    test(title, () => assert.equal(endedAtMs(pod), Date.parse(time(second))));
  }
});
