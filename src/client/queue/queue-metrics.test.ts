import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { QueueMetrics } from './queue-metrics.ts';
import { WorkQueue } from './work-queue.ts';

/** By name without the prefix; of a histogram the number of observations and their sum. */
function read({ metrics }: QueueMetrics): Record<string, unknown> {
  return Object.fromEntries(
    metrics.map((metric) => {
      const [[, value] = []] = metric.readings();
      const shown =
        typeof value === 'object' ? [value.counts.reduce((sum, count) => sum + count, 0), value.sum] : value;
      return [metric.name.replace('workqueue_', ''), shown];
    }),
  );
}

test('the metrics of a work queue – keys wait, are worked on, fail and rest – tell how long and how often', async () => {
  const clock = new VirtualClock();
  const metrics = new QueueMetrics();
  const queue = new WorkQueue(clock);
  metrics.follow('a', queue);
  queue.add('one');
  queue.add('one');
  queue.add('two');
  await clock.advance(1000);
  assert.equal(await queue.get(), 'one');
  assert.equal(await queue.get(), 'two');
  await clock.advance(2000);
  queue.add('one');
  queue.add('one');
  assert.deepEqual(read(metrics), {
    depth: 0,
    adds_total: 3,
    queue_duration_seconds: [2, 2],
    work_duration_seconds: [0, 0],
    unfinished_work_seconds: 4,
    longest_running_processor_seconds: 2,
    retries_total: 0,
  });
  queue.done('one');
  queue.addRateLimited('two');
  queue.doneAfter('two', 60_000);
  await clock.advance(1000);
  assert.deepEqual(read(metrics), {
    depth: 1,
    adds_total: 4,
    queue_duration_seconds: [2, 2],
    work_duration_seconds: [2, 4],
    unfinished_work_seconds: 0,
    longest_running_processor_seconds: 0,
    retries_total: 1,
  });
  queue.shutDown();
  const next = new WorkQueue(clock);
  metrics.follow('a', next);
  next.add('three');
  const { depth, adds_total, retries_total, work_duration_seconds } = read(metrics);
  assert.deepEqual([depth, adds_total, retries_total, work_duration_seconds], [1, 5, 1, [2, 4]]);
});
