import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import { StageDurations } from './stage-durations.ts';

test('durations of a stage – read as metrics – a histogram with the name and the buckets of upstream', async () => {
  const registry = new Registry();
  const duration = new StageDurations(registry).of('authorization');
  for (const ms of [0.05, 0.1, 0.2, 2, 40_000]) duration.observe(ms);
  const lines = (await registry.metrics()).trim().split('\n');
  const name = 'apiserver_request_filter_duration_seconds';
  const bucket = (le: string, count: number) => `${name}_bucket{le="${le}",filter="authorization"} ${count}`;
  assert.deepEqual(lines, [
    `# HELP ${name} How long the stages of the request chain took.`,
    `# TYPE ${name} histogram`,
    bucket('0.0001', 2),
    bucket('0.0003', 3),
    bucket('0.001', 3),
    ...['0.003', '0.01', '0.03', '0.1', '0.3', '1', '5', '10', '15', '30'].map((le) => bucket(le, 4)),
    bucket('+Inf', 5),
    `${name}_sum{filter="authorization"} 40.00235`,
    `${name}_count{filter="authorization"} 5`,
  ]);
});
