import assert from 'node:assert/strict';
import { test } from 'node:test';
import { upstreamTable } from '#testing/upstream-table.ts';
import { stabilizeByWindows, stabilizeDown } from './stabilize.ts';

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
