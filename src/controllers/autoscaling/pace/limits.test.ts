import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HPAScalingRules } from '#api/generated/types.gen.ts';
import { upstreamTable } from '#testing/upstream-table.ts';
import { limitByBounds, limitByRates } from './limits.ts';

interface Row {
  readonly kind: string;
  readonly min: number;
  readonly max: number;
  readonly current: number;
  readonly desired: number;
  readonly up: HPAScalingRules;
  readonly down: HPAScalingRules;
  /** Changes with their times in seconds from now. */
  readonly ups: readonly (readonly [number, number])[];
  readonly downs: readonly (readonly [number, number])[];
  readonly replicas: number;
  readonly reason: string;
}

const nowMs = 1_000_000;
/** In upstream's tests. */
const factor = 8;
const rows = upstreamTable<Row>('autoscaling.jsonl').filter(({ kind }) => ['limit', 'rate'].includes(kind));

for (const [i, row] of rows.entries()) {
  test(`a step of upstream’s case ${i} – limited – goes as far as upstream’s, for its reason`, () => {
    const eventsOf = (events: Row['ups']) =>
      events.map(([change, at]) => ({ change, atMs: nowMs + 1000 * at }));
    const { replicas, reason } =
      row.kind === 'limit'
        ? limitByBounds(row, factor)
        : limitByRates(row, {
            scaleUp: row.up,
            scaleDown: row.down,
            ups: eventsOf(row.ups),
            downs: eventsOf(row.downs),
            nowMs,
          });
    assert.deepEqual([replicas, reason], [row.replicas, row.reason]);
  });
}

test('a target of three replicas – without a behavior – grows to six at most', () => {
  const bounds = { current: 3, desired: 100, min: 1, max: 50 };
  assert.deepEqual([limitByBounds(bounds).replicas, limitByBounds(bounds).reason], [6, 'ScaleUpLimit']);
});
