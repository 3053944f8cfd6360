import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storedPod } from '#testing/objects.ts';
import { deadlineMs } from './deadline.ts';

const start = '2026-01-01T00:00:00Z';
const nowMs = Date.parse(start) + 10_000;
const podWith = (activeDeadlineSeconds: number | undefined, startTime?: string) =>
  storedPod('p', {
    spec: activeDeadlineSeconds === undefined ? {} : { activeDeadlineSeconds },
    status: startTime === undefined ? {} : { startTime },
  });

const table: [
  what: string,
  seconds: number | undefined,
  own: string | undefined,
  known: string | undefined,
  left: number | undefined,
][] = [
  ['without one', undefined, start, undefined, undefined],
  ['of a pod that has not started', 30, undefined, undefined, undefined],
  ['to come', 30, start, undefined, 20_000],
  ['that is over', 5, start, undefined, -5000],
  ['whose start the API does not have yet', 30, undefined, start, 20_000],
];

for (const [what, seconds, own, known, left] of table) {
  test(`a deadline – ${what} – is ${left ?? 'none'}`, () => {
    assert.equal(deadlineMs(podWith(seconds, own), known, nowMs), left);
  });
}
