import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { AutoscalerMetrics } from './autoscaler-metrics.ts';
import { MeasuredReconciliations } from './measured-reconciliations.ts';

const key = 'default/web';
const status = { currentReplicas: 1, desiredReplicas: 3, conditions: [] };
const rescale = { from: 1, to: 3, reason: '', statusIfDone: status, statusIfFailed: status };

/** By the labels of its actions and errors, the seconds that reconciliations took, and what the autoscaler wants. */
async function measured(measure: (reconciliations: MeasuredReconciliations, clock: VirtualClock) => unknown) {
  const clock = new VirtualClock();
  const metrics = new AutoscalerMetrics();
  await measure(new MeasuredReconciliations(clock, metrics), clock);
  const readings = (name: string) =>
    metrics.metrics
      .filter((metric) => metric.name.endsWith(name))
      .flatMap((metric) => [...metric.readings()]);
  return {
    seconds: readings('reconciliation_duration_seconds').map(([{ action, error }, value]) => [
      action,
      error,
      typeof value === 'number' ? value : value.sum,
    ]),
    desired: readings('desired_replicas').map(([, value]) => value),
  };
}

test('a reconciliation – that changes no scale – has ended when its status is reported', async () => {
  const found = await measured(async (reconciliations, clock) => {
    const beganMs = clock.monotonicMs();
    await clock.advance(1000);
    reconciliations.decided(key, beganMs, { status, isFaulty: false });
    reconciliations.ended(key, true);
  });
  assert.deepEqual(found, { seconds: [['none', 'none', 1]], desired: [3] });
});

test('a reconciliation – that scales – has ended when scale and status are written', async () => {
  const found = await measured(async (reconciliations, clock) => {
    const beganMs = clock.monotonicMs();
    reconciliations.decided(key, beganMs, { status, rescale, isFaulty: false });
    await clock.advance(2000);
    reconciliations.scaled(key, rescale);
    await clock.advance(1000);
    reconciliations.ended(key, true);
  });
  assert.deepEqual(found, { seconds: [['scale_up', 'none', 3]], desired: [3] });
});

test('a reconciliation – whose scale could not be written – has failed, and wants what it wanted before', async () => {
  const found = await measured((reconciliations, clock) => {
    reconciliations.decided(key, clock.monotonicMs(), { status, rescale, isFaulty: false });
    reconciliations.scaled(key);
    reconciliations.ended(key, true);
  });
  assert.deepEqual(found, { seconds: [['none', 'internal', 0]], desired: [] });
});

test('a reconciliation – of an autoscaler that was forgotten while its scale was written – is not counted', async () => {
  const found = await measured((reconciliations, clock) => {
    reconciliations.decided(key, clock.monotonicMs(), { status, rescale, isFaulty: false });
    reconciliations.forget(key);
    reconciliations.scaled(key, rescale);
    reconciliations.ended(key, true);
  });
  assert.deepEqual(found, { seconds: [], desired: [] });
});

// biome-ignore format: a table
const unreported: [what: string, isFaulty: boolean, done: typeof rescale | undefined, action: string][] = [
  ['that changes no scale', false, undefined, 'none'],
  ['that has scaled', false, rescale, 'scale_up'],
  ['with a metric that cannot be read', true, undefined, 'none'],
];
for (const [what, isFaulty, done, action] of unreported) {
  test(`a reconciliation – ${what}, whose status could not be written – is an internal error`, async () => {
    const { seconds } = await measured((reconciliations, clock) => {
      reconciliations.decided(key, clock.monotonicMs(), {
        status,
        isFaulty,
        ...(done ? { rescale: done } : {}),
      });
      if (done) reconciliations.scaled(key, done);
      reconciliations.ended(key, false);
    });
    assert.deepEqual(seconds, [[action, 'internal', 0]]);
  });
}

test('a reconciliation – of an invalid target, whose status could not be written – is an error of the specification', async () => {
  const { seconds } = await measured((reconciliations, clock) => {
    reconciliations.begun(key, clock.monotonicMs(), 'spec');
    reconciliations.ended(key, false);
  });
  assert.deepEqual(seconds, [['none', 'spec', 0]]);
});
