import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HPAScalingRules } from '#api/generated/types.gen.ts';
import { upstreamTable } from '#testing/upstream-table.ts';
import { changeIn, withScaleEvent } from './memory.ts';

interface Row {
  readonly kind: string;
  readonly change: number;
  readonly rules?: HPAScalingRules;
  /** Changes with their times in seconds from now. */
  readonly before: readonly (readonly [number, number])[];
  readonly then: readonly number[];
  readonly inMinute: number;
}

const nowMs = 1_000_000;
const rows = upstreamTable<Row>('autoscaling.jsonl').filter(({ kind }) => kind === 'store');

for (const [i, { change, rules, before, then, inMinute }] of rows.entries()) {
  test(`a scaling of upstream’s case ${i} – remembered – stands where upstream’s does`, () => {
    const events = before.map(([old, at]) => ({ change: old, atMs: nowMs + 1000 * at }));
    assert.equal(changeIn(events, 60, nowMs), inMinute);
    const after = withScaleEvent(events, change, rules, nowMs);
    assert.deepEqual(
      after.map((event) => event.change),
      then,
    );
  });
}
