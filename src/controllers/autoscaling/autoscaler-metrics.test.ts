import assert from 'node:assert/strict';
import test from 'node:test';
import { storedAutoscaler } from '#testing/objects/autoscaling.ts';
import { AutoscalerMetrics, actionOf } from './autoscaler-metrics.ts';

function readings({ metrics }: AutoscalerMetrics): string[] {
  return metrics.flatMap((metric) =>
    [...metric.readings()].map(([labels, value]) => {
      const number = typeof value === 'number' ? value : value.counts.reduce((sum, count) => sum + count, 0);
      const name = metric.name.replace('horizontal_pod_autoscaler_controller_', '');
      return `${name}|${Object.values(labels)}|${number}`;
    }),
  );
}

test('reconciliations, metrics and desired replicas – are published under the names of upstream', () => {
  const metrics = new AutoscalerMetrics();
  metrics.follow({ list: () => [storedAutoscaler('web')] });
  metrics.reconciled('scale_up', 'none', 3);
  metrics.computed('Resource', 'none', 'internal', 2);
  metrics.wants('default/web', 4);
  assert.deepEqual(readings(metrics), [
    'reconciliations_total|scale_up,none|1',
    'reconciliation_duration_seconds|scale_up,none|1',
    'metric_computation_total|none,internal,Resource|1',
    'metric_computation_duration_seconds|none,internal,Resource|1',
    'num_horizontal_pod_autoscalers||1',
    'desired_replicas|default,web|4',
  ]);
  metrics.forget('default/web');
  assert.ok(!readings(metrics).some((reading) => reading.startsWith('desired_replicas')));
});

for (const [from, to, expected] of [
  [1, 2, 'scale_up'],
  [2, 1, 'scale_down'],
  [2, 2, 'none'],
] as const) {
  test(`an action – from ${from} to ${to} replicas – is ${expected}`, () => {
    assert.equal(actionOf(from, to), expected);
  });
}
