/** Reports of real gRPC drivers. */

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { systemClock, systemEnv } from '#host/system-env.ts';
import type { Message } from '#kubelet/grpc/service-types.ts';
import { eventually } from '#testing/client-suite.ts';
import { PluginServer } from '#testing/kubelet/plugin-server.ts';
import { DeviceHealths } from './device-health.ts';
import description from './dra-health.gen.json' with { type: 'json' };
import { watchHealth } from './watch.ts';

const gpu = { pool: 'n1', device: 'gpu-0' };
const device = { poolName: 'n1', deviceName: 'gpu-0' };

async function open(t: TestContext) {
  const dir = await mkdtemp('/tmp/kybern-health-');
  const endpoint = `${dir}/dra.sock`;
  const sends: ((message: Message) => void)[] = [];
  const server = await PluginServer.start(
    t,
    endpoint,
    description,
    {},
    { NodeWatchResources: (send) => sends.push(send) },
  );
  const healths = new DeviceHealths(systemClock);
  const changes: string[] = [];
  const end = watchHealth(
    {
      env: systemEnv(),
      healths,
      onChange: (driver, changed) => changes.push(`${driver}: ${changed.map(({ device }) => device)}`),
    },
    { driverName: 'd', endpoint },
  );
  t.after(async () => {
    end();
    await rm(dir, { recursive: true });
  });
  const until = (what: string, holds: () => boolean) =>
    eventually(systemEnv(), what, () => holds() || undefined);
  const send = async (...devices: Message[]) => {
    await until('the kubelet listens', () => sends.length > 0);
    sends.at(-1)?.({ devices });
  };
  return { server, healths, changes, until, send, end };
}

test('a driver – reports its devices – has their health known, until it ends', async (t) => {
  const { server, healths, changes, until, send } = await open(t);
  await send({ device, health: 'HEALTHY' });
  await until('healthy', () => healths.of('d', gpu).health === 'Healthy');
  await send({ device, health: 'UNHEALTHY', message: 'x'.repeat(2000), healthCheckTimeoutSeconds: 60 });
  await until('unhealthy', () => healths.of('d', gpu).health === 'Unhealthy');
  assert.equal(healths.of('d', gpu).message, `${'x'.repeat(1021)}...`);
  assert.deepEqual(changes, ['d: gpu-0', 'd: gpu-0']);
  server.kill();
  await until('unknown', () => healths.of('d', gpu).health === 'Unknown');
});

test('a driver – deregistered – has no known health', async (t) => {
  const { healths, until, send, end } = await open(t);
  await send({ device, health: 'HEALTHY' });
  await until('healthy', () => healths.of('d', gpu).health === 'Healthy');
  end();
  await until('unknown', () => healths.of('d', gpu).health === 'Unknown');
});

test('a driver – reports a state that is not known – counts as unknown', async (t) => {
  const { healths, changes, until, send } = await open(t);
  await send({ device, health: 'HEALTHY' }, { device: { ...device, deviceName: 'gpu-1' } });
  await until('the report', () => changes.length > 0);
  assert.deepEqual(healths.of('d', { ...gpu, device: 'gpu-1' }), { health: 'Unknown', message: '' });
});
