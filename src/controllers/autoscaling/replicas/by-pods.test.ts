import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type PodsOfCase, podsOfCase } from '#testing/objects/autoscaling.ts';
import { upstreamTable } from '#testing/upstream-table.ts';
import { type PodsView, replicasByAverage, replicasByUtilization } from './by-pods.ts';
import { replicasByShare, replicasByValue } from './by-value.ts';
import { int64Max, sumInt64 } from './go-int.ts';
import type { PodMetrics } from './pod-groups.ts';

interface Row {
  readonly kind: string;
  readonly current: number;
  readonly pods: PodsOfCase;
  readonly tolerances?: { readonly up: number; readonly down: number };
  readonly resource?: {
    readonly name: string;
    readonly container?: string;
    readonly requests?: readonly string[];
    /** By pod, by container. */
    readonly levels?: readonly (readonly number[])[];
    readonly podNames?: readonly string[];
    readonly target: number;
  };
  readonly metric?: { readonly of: string; readonly levels: readonly string[]; readonly target: string };
  /** When the metrics were measured, in seconds from now. */
  readonly at?: number;
  readonly replicas?: number;
  readonly utilization?: number;
  readonly value?: string;
  readonly error?: string;
}

const nowMs = Date.parse('2026-01-01T00:00:00Z');
const times = { cpuInitializationMs: 120_000, initialReadinessMs: 10_000, nowMs };
const usual = { up: 0.1, down: 0.1 };
const rows = upstreamTable<Row>('autoscaling.jsonl').filter(({ kind }) => kind === 'replicas');

for (const [i, row] of rows.entries()) {
  test(`replicas of upstream’s case ${i} – computed – are as many as upstream’s`, () => {
    const propose = () => proposalOf(row);
    if (row.error) {
      assert.throws(propose, ({ message }) => row.error!.endsWith(message));
      return;
    }
    const { replicas, value, utilization } = propose();
    assert.deepEqual([replicas, String(value), utilization], [row.replicas, row.value, row.utilization]);
  });
}

interface Proposal {
  readonly replicas: number;
  readonly value: bigint;
  readonly utilization?: number | undefined;
}

function proposalOf(row: Row): Proposal {
  const view = viewOf(row);
  const { resource, metric } = row;
  if (resource) {
    const { name, container = '', target, levels = [] } = resource;
    const used = levels.map((level) =>
      container === '' ? sum(level) : level[container === 'container1' ? 0 : 1],
    );
    const metrics = metricsOf(row, used, resource.podNames);
    return replicasByUtilization(view, metrics, { resource: name, container, target });
  }
  assert(metric);
  const levels = metric.levels.map(BigInt);
  const target = BigInt(metric.target);
  if (metric.of === 'pods') return replicasByAverage(view, metricsOf(row, levels), { resource: '', target });
  const usage = sumInt64(levels);
  return metric.of.endsWith('Share')
    ? replicasByShare(row.current, view.tolerances, usage, target)
    : replicasByValue(view, usage, target);
}

function viewOf({ current, pods, resource, tolerances = usual }: Row): PodsView {
  const count = Math.max(current, pods.phases?.length ?? 0);
  const requested = resource?.requests ? { ...pods, requests: resource.requests } : pods;
  const options = { count, nowMs, ...(resource ? { resource: resource.name } : {}) };
  return { pods: podsOfCase(requested, options), currentReplicas: current, tolerances, times };
}

function metricsOf(
  { at }: Row,
  /** Undefined where the pod has no metric. */
  levels: readonly (number | bigint | undefined)[],
  names: readonly string[] = [],
): PodMetrics {
  const timestampMs = at === undefined ? Number.NEGATIVE_INFINITY : nowMs + 1000 * at;
  return new Map(
    levels.flatMap((level, i) => {
      if (level === undefined) return [];
      const metric = { value: BigInt(level), timestampMs, windowMs: 60_000 };
      return [[names[i] ?? `test-pod-${i}`, metric] as const];
    }),
  );
}

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);

test('usage beyond 64 bits – of two pods – asks for as many replicas as a number holds', () => {
  const row = { kind: 'replicas', current: 2, pods: {} };
  const metrics = metricsOf(row, [int64Max, int64Max]);
  const { replicas, value } = replicasByAverage(viewOf(row), metrics, { resource: '', target: 1n });
  assert.deepEqual([replicas, value], [2 ** 31 - 1, int64Max / 2n]);
});

test('negative usage – of two pods – asks for none', () => {
  const row = { kind: 'replicas', current: 2, pods: {} };
  const { replicas } = replicasByAverage(viewOf(row), metricsOf(row, [-50, -50]), {
    resource: '',
    target: 100n,
  });
  assert.ok(replicas <= 0);
});
