/** Several metrics of an autoscaler: which of them counts, and what a failed one forbids. */

import assert from 'node:assert/strict';
import test from 'node:test';
import type { MetricSpec } from '#api/generated/types.gen.ts';
import { podsOfCase, storedAutoscaler } from '#testing/objects/autoscaling.ts';
import { judgeMetrics } from './all-metrics.ts';
import { Findings } from './findings.ts';

const nowMs = Date.parse('2026-01-01T00:00:00Z');
const current = 3;

/** An external metric that is to have the value 10 for each replica. */
const external = (name: string): MetricSpec => ({
  type: 'External',
  external: { metric: { name }, target: { type: 'AverageValue', averageValue: '10' } },
});
const asking = (replicas: number) => [BigInt(replicas * 10_000)];
const broken = new Error('no such metric');

function judged(...answers: (readonly bigint[] | Error)[]) {
  const findings = new Findings(undefined, nowMs);
  const view = {
    autoscaler: storedAutoscaler('web'),
    pods: podsOfCase({}, { count: current, nowMs }),
    currentReplicas: current,
    statusReplicas: current,
    tolerances: { up: 0.1, down: 0.1 },
    times: { cpuInitializationMs: 0, initialReadinessMs: 0, nowMs },
  };
  const specs = answers.map((_, i) => external(`m${i}`));
  const { proposal, failure, outcomes, statuses } = judgeMetrics(view, specs, answers, findings);
  const [condition] = findings.conditions;
  return {
    replicas: proposal?.replicas,
    failure,
    outcomes: outcomes.map((outcome) => outcome.replicas),
    types: statuses.map((status) => status.type),
    active: `${condition?.status} ${condition?.reason}`,
    events: findings.events.map(({ reason }) => reason),
  };
}

const fine = { failure: undefined, active: 'True ValidMetricFound', events: [] };
const failedOf = (all: number) =>
  `invalid metrics (1 invalid out of ${all}), first error is: failed to get m0 external metric value: ` +
  'failed to get m0 external metric: unable to get external metric default/m0/nil: no such metric';

test('metrics – two that work – the one that asks for most replicas counts', () => {
  assert.deepEqual(judged(asking(2), asking(6)), {
    ...fine,
    replicas: 6,
    outcomes: [2, 6],
    types: ['External', 'External'],
  });
});

test('metrics – one fails, the other scales up – it does', () => {
  const { failure, ...rest } = judged(broken, asking(6));
  assert.equal(failure, failedOf(2));
  assert.deepEqual(rest, {
    replicas: 6,
    outcomes: [undefined, 6],
    types: ['', 'External'],
    active: 'True ValidMetricFound',
    events: ['FailedGetExternalMetric'],
  });
});

test('metrics – one fails, the other would scale down – nothing is done', () => {
  const { replicas, failure, active } = judged(broken, asking(1));
  assert.deepEqual([replicas, failure, active], [undefined, failedOf(2), 'False FailedGetExternalMetric']);
});

test('metrics – the only one fails – nothing is done', () => {
  const { replicas, failure, outcomes } = judged(broken);
  assert.deepEqual([replicas, failure, outcomes], [undefined, failedOf(1), [undefined]]);
});
