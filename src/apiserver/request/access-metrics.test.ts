import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import { AccessMetrics } from './access-metrics.ts';

test('authentications and authorizations – counted – are shown by result, users by kind', async () => {
  const registry = new Registry();
  const metrics = new AccessMetrics(registry);
  for (const name of ['admin', 'jane', 'jane@example.com', 'system:node:n']) {
    metrics.authenticated('success', 1.5, name);
  }
  metrics.authenticated('failure', 1);
  metrics.authorized('allowed', 0.5);
  metrics.authorized('no-opinion', 0.5);
  await registry.metrics();
  const lines = (await registry.metrics()).split('\n');
  for (const line of [
    'authenticated_user_requests{username="admin"} 1',
    'authenticated_user_requests{username="email_id"} 1',
    'authenticated_user_requests{username="other"} 2',
    'authentication_attempts{result="success"} 4',
    'authentication_attempts{result="failure"} 1',
    'authentication_duration_seconds_bucket{le="0.001",result="success"} 0',
    'authentication_duration_seconds_bucket{le="0.002",result="success"} 4',
    'authentication_duration_seconds_count{result="success"} 4',
    'authorization_attempts_total{result="allowed"} 1',
    'authorization_attempts_total{result="no-opinion"} 1',
    'authorization_duration_seconds_count{result="allowed"} 1',
  ]) {
    assert.ok(
      lines.includes(line),
      `${line} in\n${lines.filter((found) => found.startsWith('auth')).join('\n')}`,
    );
  }
});
