/** One metric of each type: its part of the status, its name in events, and the failure of an answer of another shape. */

import assert from 'node:assert/strict';
import test from 'node:test';
import type { MetricSpec } from '#api/generated/types.gen.ts';
import { podsOfCase, storedAutoscaler } from '#testing/objects/autoscaling.ts';
import type { MetricAnswer } from './metric-source.ts';
import { ofMetric } from './of-metric.ts';

const nowMs = Date.parse('2026-01-01T00:00:00Z');
const view = {
  autoscaler: storedAutoscaler('web'),
  pods: podsOfCase({ requests: ['500m', '500m'] }, { count: 2, nowMs }),
  currentReplicas: 2,
  statusReplicas: 2,
  tolerances: { up: 0.1, down: 0.1 },
  times: { cpuInitializationMs: 0, initialReadinessMs: 0, nowMs },
};

/** The same in thousandths for both pods. */
const ofPods = (value: bigint): MetricAnswer =>
  new Map([0, 1].map((i) => [`test-pod-${i}`, { value, timestampMs: nowMs, windowMs: 60_000 }]));
const metric = { name: 'qps' };
const described = { apiVersion: 'v1', kind: 'Service', name: 'main' };
const averageValue = { type: 'AverageValue', averageValue: '1' };

const specs: [MetricSpec, MetricAnswer, number, string, object][] = [
  [
    { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
    ofPods(2_000n),
    8,
    'cpu resource utilization (percentage of request)',
    { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 200, averageValue: '2' } } },
  ],
  [
    { type: 'Resource', resource: { name: 'cpu', target: averageValue } },
    ofPods(2_000n),
    4,
    'cpu resource',
    { type: 'Resource', resource: { name: 'cpu', current: { averageValue: '2' } } },
  ],
  [
    {
      type: 'ContainerResource',
      containerResource: { name: 'cpu', container: 'container1', target: averageValue },
    },
    ofPods(3_000n),
    6,
    'cpu resource',
    {
      type: 'ContainerResource',
      containerResource: { name: 'cpu', container: 'container1', current: { averageValue: '3' } },
    },
  ],
  [
    { type: 'Pods', pods: { metric, target: averageValue } },
    ofPods(1_500n),
    3,
    'pods metric qps',
    { type: 'Pods', pods: { metric, current: { averageValue: '1500m' } } },
  ],
  [
    { type: 'Object', object: { metric, describedObject: described, target: { type: 'Value', value: '2' } } },
    [6_000n],
    6,
    'Service metric qps',
    { type: 'Object', object: { metric, describedObject: described, current: { value: '6' } } },
  ],
  [
    { type: 'External', external: { metric, target: averageValue } },
    [2_000n, 3_000n],
    5,
    'external metric qps(nil)',
    { type: 'External', external: { metric, current: { averageValue: '2500m' } } },
  ],
];

for (const [spec, answer, replicas, name, status] of specs) {
  test(`a metric of the type ${spec.type} – ${name} – asks for ${replicas} replicas`, () => {
    assert.deepEqual(ofMetric(view, spec, answer), { replicas, name, status });
  });

  test(`a metric of the type ${spec.type} – ${name}, no answer – fails with the API's words`, () => {
    assert.throws(
      () => ofMetric(view, spec, new Error('the API is away')),
      (error: Error & { reason: string }) => {
        assert.equal(error.reason, `FailedGet${spec.type}Metric`);
        assert.match(error.message, /the API is away$/);
        return true;
      },
    );
  });
}

test('a metric of an unknown type – fails', () => {
  assert.throws(() => ofMetric(view, { type: 'Weather' }, []), {
    reason: 'InvalidMetricSourceType',
    message: 'unknown metric source type "Weather"',
  });
});
