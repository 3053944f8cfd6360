import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { ClaimMetrics } from './claim-metrics.ts';
import type { PreparedClaim } from './prepared-claim.ts';

function claim(isPrepared: boolean, ...drivers: string[]): PreparedClaim {
  const devices = new Map(drivers.map((driver) => [driver, []]));
  return { namespace: 'default', name: 'c', uid: 'u', podUids: new Set(['p']), devices, isPrepared };
}

/** The labels and the counts of a metric's series. */
function seriesOf(metrics: ClaimMetrics, name: string, claims: readonly PreparedClaim[] = []) {
  const metric = metrics.metrics(() => claims).find((metric) => metric.name === name);
  return Array.from(metric?.readings() ?? [], ([labels, value]) => [
    labels,
    typeof value === 'number' ? value : value.counts.reduce((sum, count) => sum + count, 0),
  ]);
}

test('dra_resource_claims_in_use – claims of two drivers – counts those that are prepared, by driver and of any', () => {
  const claims = [claim(true, 'a', 'b'), claim(true, 'a'), claim(false, 'a')];
  assert.deepEqual(seriesOf(new ClaimMetrics(new VirtualClock()), 'dra_resource_claims_in_use', claims), [
    [{ driver_name: '<any>' }, 2],
    [{ driver_name: 'a' }, 2],
    [{ driver_name: 'b' }, 1],
  ]);
});

test('dra_operations_duration_seconds – successes and failures – are observed apart', async () => {
  const metrics = new ClaimMetrics(new VirtualClock());
  const failing = () => Promise.reject(new Error('no driver'));
  await metrics.operation('PrepareResources', async () => undefined);
  await assert.rejects(metrics.operation('PrepareResources', failing), { message: 'no driver' });
  assert.deepEqual(seriesOf(metrics, 'dra_operations_duration_seconds'), [
    [{ operation_name: 'PrepareResources', is_error: 'false' }, 1],
    [{ operation_name: 'PrepareResources', is_error: 'true' }, 1],
  ]);
});

test('dra_grpc_operations_duration_seconds – a call that fails – is observed with its code', async () => {
  const metrics = new ClaimMetrics(new VirtualClock());
  await metrics.call('d', '/m', async () => undefined, String);
  const failing = () => Promise.reject(new Error('x'));
  await assert.rejects(metrics.call('d', '/m', failing, () => 'Unavailable'));
  assert.deepEqual(seriesOf(metrics, 'dra_grpc_operations_duration_seconds'), [
    [{ driver_name: 'd', method_name: '/m', grpc_status_code: 'OK' }, 1],
    [{ driver_name: 'd', method_name: '/m', grpc_status_code: 'Unavailable' }, 1],
  ]);
});
