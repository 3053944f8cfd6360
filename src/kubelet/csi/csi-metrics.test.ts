import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { RpcError } from '../grpc/rpc-error.ts';
import { CsiMetrics } from './csi-metrics.ts';

const method = '/csi.v1.Node/NodeStageVolume';

test('calls of a driver – by the codes of their answers – are counted', async () => {
  const measured = new CsiMetrics(new VirtualClock());
  const endings = [
    async () => undefined,
    async () => Promise.reject(new RpcError('Aborted', 'later')),
    async () => Promise.reject(new Error('it is closed')),
  ];
  for (const call of endings) await measured.measure({ driver: 'd', method }, call).catch(() => undefined);
  const labels = [...measured.metrics[0]!.readings()].map(([each]) => each);
  const usual = { driver_name: 'd', method_name: method, migrated: 'false' };
  assert.deepEqual(
    labels,
    ['OK', 'Aborted', 'unknown-non-grpc'].map((grpc_status_code) => ({ ...usual, grpc_status_code })),
  );
});

test('a call for a cloud’s disk – is counted as migrated', async () => {
  const measured = new CsiMetrics(new VirtualClock());
  await measured.measure({ driver: 'd', method, isMigrated: true }, async () => undefined);
  const [[labels] = []] = [...measured.metrics[0]!.readings()];
  assert.equal(labels?.['migrated'], 'true');
});
