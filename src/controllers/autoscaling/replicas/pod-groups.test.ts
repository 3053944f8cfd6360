import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { rfc3339 } from '#base/clock.ts';
import { upstreamTable } from '#testing/upstream-table.ts';
import { groupPods } from './pod-groups.ts';

interface Row {
  readonly kind: string;
  readonly pods: readonly Stored<Pod>[];
  /** Value, seconds from now, window in milliseconds. */
  readonly metrics: Readonly<Record<string, readonly [string, number | null, number]>>;
  readonly resource: string;
  readonly ready: number;
  readonly unready: readonly string[];
  readonly missing: readonly string[];
  readonly ignored: readonly string[];
}

const nowMs = Date.parse('2026-01-01T00:00:00Z');
const times = { cpuInitializationMs: 120_000, initialReadinessMs: 10_000, nowMs };
const rows = upstreamTable<Row>('autoscaling.jsonl').filter(({ kind }) => kind === 'group');

for (const [i, row] of rows.entries()) {
  test(`pods of upstream’s case ${i} – grouped by readiness and metrics – are in upstream’s groups`, () => {
    const metrics = Object.entries(row.metrics).map(([name, [value, at, windowMs]]) => {
      const timestampMs = at === null ? Date.parse('0001-01-01T00:00:00Z') : nowMs + 1000 * at;
      return [name, { value: BigInt(value), timestampMs, windowMs }] as const;
    });
    const { readyCount, unready, missing, ignored } = groupPods(
      row.pods.map(atNow),
      new Map(metrics),
      row.resource,
      times,
    );
    assert.deepEqual(
      [readyCount, [...unready].sort(), [...missing].sort(), [...ignored].sort()],
      [row.ready, row.unready, row.missing, row.ignored],
    );
  });
}

/** Times are texts like `-30`: seconds from now. */
function atNow(pod: Stored<Pod>): Stored<Pod> {
  const text = JSON.stringify(pod).replace(/"([+-]\d+)"/g, (_, seconds) => {
    return JSON.stringify(rfc3339(nowMs + 1000 * Number(seconds)));
  });
  return JSON.parse(text);
}
