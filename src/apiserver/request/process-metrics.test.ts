import assert from 'node:assert/strict';
import { test } from 'node:test';
import { processMetrics } from './process-metrics.ts';

test('the metrics of the process – read – have the values of this process', () => {
  const values = new Map(processMetrics().map(({ name, readings }) => [name, [...readings()]]));
  const value = (name: string) => Number(values.get(name)?.[0]?.[1]);
  const ageSeconds =
    (performance.timeOrigin + performance.now()) / 1000 - value('process_start_time_seconds');
  assert.ok(ageSeconds > 0 && ageSeconds < 600, String(ageSeconds));
  assert.ok(value('process_cpu_seconds_total') > 0);
  assert.ok(value('nodejs_heap_size_used_bytes') < value('process_resident_memory_bytes'));
  assert.deepEqual(
    values.get('nodejs_version_info')?.map(([labels]) => labels['version']),
    [process.version],
  );
});
