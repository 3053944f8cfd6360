import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HealthMetrics } from './health.ts';

test('health metrics – checks of two paths that pass and fail – show the last result and the counts', () => {
  const metrics = new HealthMetrics();
  metrics.observe('ping', 'livez', true);
  metrics.observe('etcd', 'readyz', true);
  metrics.observe('etcd', 'readyz', false);
  metrics.observe('ping', 'livez', true);
  const samples = metrics.text.split('\n').filter((line) => !line.startsWith('# HELP'));
  assert.deepEqual(samples, [
    '# TYPE kubernetes_healthcheck gauge',
    'kubernetes_healthcheck{name="etcd",type="readyz"} 0',
    'kubernetes_healthcheck{name="ping",type="livez"} 1',
    '# TYPE kubernetes_healthchecks_total counter',
    'kubernetes_healthchecks_total{name="etcd",status="error",type="readyz"} 1',
    'kubernetes_healthchecks_total{name="etcd",status="success",type="readyz"} 1',
    'kubernetes_healthchecks_total{name="ping",status="success",type="livez"} 2',
    '',
  ]);
});
