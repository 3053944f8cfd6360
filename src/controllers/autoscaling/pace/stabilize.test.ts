import assert from 'node:assert/strict';
import { test } from 'node:test';
import { upstreamTable } from '#testing/upstream-table.ts';
import type { Recommendation } from './memory.ts';
import { recommendationsMax, stabilizeByWindows, stabilizeDown } from './stabilize.ts';

interface Row {
  readonly kind: string;
  /** Replicas with their times in seconds from now. */
  readonly recommendations: readonly (readonly [number, number])[];
  readonly current: number;
  readonly desired: number;
  readonly upSeconds: number;
  readonly downSeconds: number;
  readonly replicas: number;
  /** What is remembered afterwards, or how much. */
  readonly then?: readonly number[];
  readonly length?: number;
}

const nowMs = 10_000_000;
const rows = upstreamTable<Row>('autoscaling.jsonl').filter(({ kind }) => {
  return kind === 'stabilize' || kind === 'window';
});

for (const [i, row] of rows.entries()) {
  test(`a recommendation of upstream’s case ${i} – stabilized – is upstream’s`, () => {
    const before = row.recommendations.map(([replicas, at]) => ({ replicas, atMs: nowMs + 1000 * at }));
    const { replicas, recommendations } =
      row.kind === 'stabilize'
        ? stabilizeDown(before, row.desired, 300_000, nowMs)
        : stabilizeByWindows(before, row, row, nowMs);
    assert.equal(replicas, row.replicas);
    if (row.length !== undefined) assert.equal(recommendations.length, row.length);
    if (row.then) {
      assert.deepEqual(
        recommendations.map((entry) => entry.replicas),
        row.then,
      );
    }
  });
}

for (const [how, stabilize] of [
  ['without a behavior', (before: readonly Recommendation[]) => stabilizeDown(before, 1, 1e12, nowMs)],
  [
    'by windows',
    (before: readonly Recommendation[]) =>
      stabilizeByWindows(before, { current: 9, desired: 1 }, { upSeconds: 0, downSeconds: 1e9 }, nowMs),
  ],
] as const) {
  test(`recommendations – ${how}, more than are remembered – keep the highest`, () => {
    const before = Array.from({ length: recommendationsMax }, (_, i) => ({
      replicas: i === 0 ? 9 : 2,
      atMs: i,
    }));
    const { replicas, recommendations } = stabilize(before);
    assert.equal(replicas, 9);
    assert.deepEqual(
      [recommendations.length, recommendations[0]],
      [recommendationsMax, { replicas: 9, atMs: 1 }],
    );
  });
}
