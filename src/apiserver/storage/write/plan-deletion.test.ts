import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AnyObject } from '#api/meta/object.ts';
import { rfc3339 } from '#base/clock.ts';
import { strategyFor } from '#testing/kind-cases.ts';
import { planDeletion } from './plan-deletion.ts';

const nowMs = Date.parse('2026-01-01T00:00:00Z');
const pods = strategyFor('', 'pods');

function runningPod(terminationGracePeriodSeconds: number): AnyObject {
  const spec = { nodeName: 'n', containers: [], terminationGracePeriodSeconds };
  return { metadata: { name: 'p' }, spec, status: { phase: 'Running' } };
}

function deleted(object: AnyObject, gracePeriodSeconds: number | undefined, atMs: number): [number, string] {
  planDeletion(pods, object, gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }, atMs);
  const { deletionGracePeriodSeconds = -1, deletionTimestamp = '' } = object.metadata ?? {};
  return [deletionGracePeriodSeconds, deletionTimestamp];
}

for (const [own, wanted] of [
  [-1, undefined],
  [30, -1],
  [30, -2147483648],
] as const) {
  test(`a pod of ${own} s – deleted with ${wanted ?? 'no'} period – has one second`, () => {
    assert.deepEqual(deleted(runningPod(own), wanted, nowMs), [1, rfc3339(nowMs + 1000)]);
  });
}

test('a deletion under way – a negative period – becomes one second long, and does not end in the past', () => {
  const pod = runningPod(30);
  deleted(pod, undefined, nowMs);
  assert.deepEqual(deleted(pod, -5, nowMs), [1, rfc3339(nowMs + 1000)]);
});

test('a deletion – a period that is over already – ends now, and is no deletion by force', () => {
  const pod = runningPod(60);
  deleted(pod, undefined, nowMs);
  assert.deepEqual(deleted(pod, 5, nowMs + 20_000), [1, rfc3339(nowMs + 20_000)]);
  const forced = runningPod(60);
  deleted(forced, undefined, nowMs);
  assert.deepEqual(deleted(forced, 0, nowMs + 20_000), [0, rfc3339(nowMs + 20_000)]);
});

describe('a deletion – a period longer than dates can say – has a date', () => {
  for (const seconds of [2 ** 40, 2 ** 53]) {
    test(`${seconds} s`, () => {
      const [period, end] = deleted(runningPod(seconds), undefined, nowMs);
      assert.equal(period, seconds);
      assert.match(end, /^\d{4}-\d\d-\d\dT[\d:]{8}Z$/);
    });
  }
});
