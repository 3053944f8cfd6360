import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Distribution } from '#base/metrics/metric.ts';
import { storedPod } from '#testing/objects.ts';
import { ProbeMetrics } from './probe-metrics.ts';

const target = { pod: storedPod('web'), container: { name: 'main' }, kind: 'readiness' as const };
const labels = { probe_type: 'Readiness', container: 'main', pod: 'web', namespace: 'default' };

function readings(metrics: ProbeMetrics, name: string) {
  return [...(metrics.metrics.find((metric) => metric.name === name)?.readings() ?? [])];
}

test('probes – that succeed, fail and are forgotten – are counted by upstream’s labels until then', () => {
  const metrics = new ProbeMetrics();
  metrics.observe(target, 'success', 20);
  metrics.observe(target, 'success', 30);
  metrics.observe(target, 'failure', 1000);
  assert.deepEqual(readings(metrics, 'prober_probe_total'), [
    [{ ...labels, pod_uid: 'web', result: 'successful' }, 2],
    [{ ...labels, pod_uid: 'web', result: 'failed' }, 1],
  ]);
  const durations = readings(metrics, 'prober_probe_duration_seconds').map(([found, value]) => [
    found,
    (value as Distribution).sum,
  ]);
  assert.deepEqual(durations, [[labels, 0.05]]);
  metrics.forget(target);
  assert.deepEqual(readings(metrics, 'prober_probe_total'), []);
});
