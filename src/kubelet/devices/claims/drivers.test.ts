/** Drivers with real gRPC sockets. */

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { systemClock, systemEnv } from '#host/system-env.ts';
import { eventually } from '#testing/client-suite.ts';
import { TestDraDriver } from '#testing/kubelet/dra-driver.ts';
import { ClaimMetrics } from './claim-metrics.ts';
import { ClaimDrivers } from './drivers.ts';

async function open(t: TestContext) {
  const dir = await mkdtemp('/tmp/kybern-dra-');
  const usable: boolean[] = [];
  const drivers = new ClaimDrivers({
    metrics: new ClaimMetrics(systemClock),
    onUsable: (_, isUsable) => usable.push(isUsable),
  });
  t.after(async () => {
    await drivers.close();
    await rm(dir, { recursive: true });
  });
  const until = (what: string, holds: () => boolean) =>
    eventually(systemEnv(), what, () => holds() || undefined);
  return { dir, drivers, usable, until };
}

const reference = { namespace: 'default', name: 'c', uid: 'u' };

for (const version of ['v1', 'v1beta1']) {
  test(`a driver – of ${version} – is called by its version`, async (t) => {
    const { dir, drivers } = await open(t);
    const driver = new TestDraDriver(dir);
    await driver.serve(t, version);
    await drivers.register(driver.info('v2.DRAPlugin', `${version}.DRAPlugin`));
    const plugin = drivers.get(driver.name);
    const [[uid, devices] = []] = await plugin.prepare([reference], new AbortController().signal);
    assert.equal(uid, 'u');
    assert.deepEqual(devices, [
      { requestNames: ['req'], poolName: 'n1', deviceName: 'gpu-0', cdiDeviceIds: ['example.com/gpu=c'] },
    ]);
    await plugin.unprepare([reference]);
    assert.deepEqual(driver.calls, ['+c', '-c']);
  });
}

test('a driver – its process ends, then is back – cannot be used meanwhile', async (t) => {
  const { dir, drivers, usable, until } = await open(t);
  const driver = new TestDraDriver(dir);
  const server = await driver.serve(t);
  await drivers.register(driver.info());
  await until('connected', () => usable.at(-1) === true);
  server.kill();
  await until('disconnected', () => usable.at(-1) === false);
  await rm(driver.endpoint, { force: true });
  await driver.serve(t);
  await until('connected', () => usable.at(-1) === true);
});

test('a driver – deregistered – is unknown, and cannot be used', async (t) => {
  const { dir, drivers, usable } = await open(t);
  const driver = new TestDraDriver(dir);
  const deregister = await drivers.register(driver.info());
  await deregister();
  assert.equal(usable.at(-1), false);
  assert.throws(() => drivers.get(driver.name), { message: 'DRA driver gpu.example.com is not registered' });
  assert.throws(() => drivers.get(''), { message: 'DRA driver name is empty' });
});

test('a driver – with two plugins – is called by the newest that runs', async (t) => {
  const { dir, drivers, until } = await open(t);
  const old = new TestDraDriver(dir, 'gpu.example.com', 'old.sock');
  const next = new TestDraDriver(dir, 'gpu.example.com', 'next.sock');
  await old.serve(t);
  await drivers.register(old.info());
  await until('connected', () => drivers.get(old.name).isConnected);
  const deregister = await drivers.register(next.info());
  assert.equal(drivers.get(old.name).endpoint, old.endpoint);
  await next.serve(t);
  await until('the next', () => drivers.get(old.name).endpoint === next.endpoint);
  await deregister();
  assert.equal(drivers.get(old.name).endpoint, old.endpoint);
});

test('a driver – registered twice at one socket – is refused', async (t) => {
  const { dir, drivers } = await open(t);
  const driver = new TestDraDriver(dir);
  await drivers.register(driver.info());
  await assert.rejects(drivers.register(driver.info()), {
    message: `endpoint ${driver.endpoint} already registered for DRA driver plugin gpu.example.com`,
  });
});

const where = 'invalid supported gRPC versions of DRA driver plugin d at endpoint /s';
const invalid: [title: string, supportedVersions: string[], message: string][] = [
  ['without versions', [], `${where}: empty list of supported gRPC services (aka supported versions)`],
  [
    'of unknown versions',
    ['v9.DRAPlugin', '1.0.0'],
    `${where}: none of services supported by the plugin (["v9.DRAPlugin" "1.0.0"]) are supported by the kubelet (["v1.DRAPlugin" "v1beta1.DRAPlugin"])`,
  ],
];
for (const [title, supportedVersions, message] of invalid) {
  test(`a driver – ${title} – is refused`, async (t) => {
    const { drivers } = await open(t);
    const plugin = { type: 'DRAPlugin', name: 'd', endpoint: '/s', supportedVersions };
    assert.throws(() => drivers.validate(plugin), { message });
    await assert.rejects(drivers.register(plugin), { message });
  });
}
