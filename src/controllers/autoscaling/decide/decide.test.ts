import assert from 'node:assert/strict';
import { test } from 'node:test';
import type {
  HorizontalPodAutoscalerCondition,
  HorizontalPodAutoscalerSpec,
  HorizontalPodAutoscalerStatus,
  MetricSpec,
} from '#api/generated/types.gen.ts';
import { type PodsOfCase, podsOfCase, storedAutoscaler } from '#testing/objects/autoscaling.ts';
import { upstreamTable } from '#testing/upstream-table.ts';
import { type Decision, decideAutoscaler } from './decide.ts';
import type { MetricAnswer } from './metric-source.ts';
import { defaultSettings } from './settings.ts';

/** One look of upstream's controller: what it was given, and what it wrote and recorded. */
interface Row {
  readonly kind: string;
  readonly spec: HorizontalPodAutoscalerSpec;
  readonly specReplicas: number;
  readonly statusReplicas: number;
  /** `requests`: of the whole pod. */
  readonly pods: PodsOfCase;
  /** Cpu of each pod in thousandths of a core, or the metric's values. */
  readonly levels: readonly number[];
  /** Replicas with their times in seconds from now. */
  readonly recommendations?: readonly (readonly [number, number])[];
  readonly conditions?: readonly HorizontalPodAutoscalerCondition[];
  readonly scalesToZero?: boolean;
  readonly status: HorizontalPodAutoscalerStatus;
  /** Where upstream's test shows which of them belong to this look. */
  readonly events?: readonly string[];
  /** Errors of metrics APIs, by the type of the metric. */
  readonly failures?: Readonly<Record<string, string>>;
}

const nowMs = Date.parse('2026-01-01T00:00:00Z');
const monotonicMs = 10_000_000;
const rows = upstreamTable<Row>('autoscaling.jsonl').filter(({ kind }) => kind === 'decision');

for (const [i, row] of rows.entries()) {
  test(`an autoscaler of upstream’s case ${i} – decided – has upstream’s status and events`, () => {
    const decision = decide(row);
    assert.deepEqual(withoutTimes(decision.status), { currentReplicas: 0, ...row.status });
    if (row.events) assert.deepEqual(eventsOf(decision), row.events);
  });
}

function decide(row: Row): Decision {
  const { spec, specReplicas, statusReplicas, recommendations } = row;
  const status = {
    currentReplicas: specReplicas,
    desiredReplicas: specReplicas,
    ...(row.conditions ? { conditions: [...row.conditions] } : {}),
  };
  const autoscaler = storedAutoscaler('test-hpa', spec, status);
  autoscaler.metadata.namespace = 'test-namespace';
  const halves = row.pods.requests?.map(halfOf) ?? Array.from({ length: statusReplicas }, () => '500m');
  const pods = podsOfCase(
    { ...row.pods, requests: halves },
    { count: halves.length, nowMs, readySinceStart: true },
  );
  return decideAutoscaler({
    autoscaler,
    target: { specReplicas, statusReplicas },
    pods,
    answers: (spec.metrics ?? []).map((metric) => answerTo(metric, row)),
    memory: recommendations && {
      recommendations: recommendations.map(([replicas, at]) => ({ replicas, atMs: monotonicMs + 1000 * at })),
      scaleUps: [],
      scaleDowns: [],
    },
    // As in upstream's tests.
    settings: {
      ...defaultSettings,
      cpuInitializationMs: 120_000,
      initialReadinessMs: 10_000,
      growthFactor: 8,
      scalesToZero: row.scalesToZero ?? false,
    },
    nowMs,
    monotonicMs,
  });
}

function halfOf(request: string): string {
  const milli = request.endsWith('m') ? Number(request.slice(0, -1)) : 1000 * Number(request);
  return `${Math.floor(milli / 2)}m`;
}

function answerTo({ type, containerResource }: MetricSpec, { levels, failures }: Row): MetricAnswer {
  if (failures?.[type]) return new Error(failures[type]);
  if (type === 'Object') return levels.slice(0, 1).map(BigInt);
  if (type === 'External') return levels.map(BigInt);
  if (levels.length === 0) return new Error(noMetricsOf(type));
  // Each of the two containers uses half.
  const parts = containerResource ? 1 : 2;
  return new Map(
    levels.map((level, i) => {
      const value = type === 'Pods' ? BigInt(level) : BigInt(parts * Math.floor(level / 2));
      return [`test-pod-${i}`, { value, timestampMs: nowMs, windowMs: 60_000 }];
    }),
  );
}

function noMetricsOf(type: string): string {
  return `no metrics returned from ${type === 'Pods' ? 'custom' : 'resource'} metrics API`;
}

function eventsOf({ events, rescale }: Decision): string[] {
  const rescaled = rescale && `Normal SuccessfulRescale New size: ${rescale.to}; reason: ${rescale.reason}`;
  const found = events.map(({ type, reason, message }) => `${type} ${reason} ${message}`);
  return rescaled ? [...found, rescaled] : found;
}

function withoutTimes({ lastScaleTime: _, ...status }: HorizontalPodAutoscalerStatus) {
  const conditions = status.conditions?.map(({ lastTransitionTime: __, ...condition }) => condition);
  return { ...status, conditions };
}
