/** Registration sockets in a folder of the test's own, served by real gRPC servers. */

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { systemEnv } from '#host/system-env.ts';
import { eventually } from '#testing/client-suite.ts';
import { TestDriver } from '#testing/kubelet/csi-driver.ts';
import { KubeletRoot } from '../paths/kubelet-root.ts';
import type { PluginHandler, PluginInfo } from './plugin-handler.ts';
import { PluginRegistry } from './plugin-registry.ts';

const until = (holds: () => boolean) => eventually(systemEnv(), String(holds), () => holds() || undefined);

class RecordingHandler implements PluginHandler {
  readonly type = 'CSIPlugin';
  readonly registered = new Map<string, PluginInfo>();
  readonly log: string[] = [];
  readonly problems: Record<string, string> = {};

  validate({ name }: PluginInfo): void {
    if (name.startsWith('invalid')) throw new Error(`${name} is invalid`);
  }

  async register(plugin: PluginInfo): Promise<() => Promise<void>> {
    const { name } = plugin;
    if (this.problems[name]) throw new Error(this.problems[name]);
    this.registered.set(name, plugin);
    this.log.push(`+${name}`);
    return async () => {
      this.registered.delete(name);
      this.log.push(`-${name}`);
    };
  }
}

async function startRegistry(t: TestContext) {
  const dir = await mkdtemp('/tmp/kybern-registry-');
  const handler = new RecordingHandler();
  const root = new KubeletRoot(dir);
  const registry = new PluginRegistry({ env: systemEnv(), root, handlers: [handler] });
  t.after(async () => {
    registry.stop();
    await rm(dir, { recursive: true });
  });
  return { dir, handler, registry };
}

test('plugin – there before the kubelet – registered', async (t) => {
  const { dir, handler, registry } = await startRegistry(t);
  const driver = new TestDriver(dir);
  await driver.serveRegistration(t);
  await registry.start();
  await until(() => driver.statuses.length > 0);
  assert.deepEqual(driver.statuses, [{ pluginRegistered: true, error: '' }]);
  assert.deepEqual(handler.registered.get(driver.name), {
    type: 'CSIPlugin',
    name: driver.name,
    endpoint: `${dir}/plugins/${driver.name}/csi.sock`,
    supportedVersions: ['1.0.0'],
  });
});

test('plugin – comes later, then goes – registered, then deregistered', async (t) => {
  const { dir, handler, registry } = await startRegistry(t);
  await registry.start();
  const driver = new TestDriver(dir);
  await driver.serveRegistration(t);
  await until(() => handler.registered.has(driver.name));
  await rm(driver.registrationSocket);
  await until(() => !handler.registered.has(driver.name));
});

test('plugin – starts again – registered again', async (t) => {
  const { dir, handler, registry } = await startRegistry(t);
  const driver = new TestDriver(dir);
  const server = await driver.serveRegistration(t);
  await registry.start();
  await until(() => driver.statuses.length === 1);
  server.kill();
  await rm(driver.registrationSocket, { force: true });
  await driver.serveRegistration(t);
  await until(() => driver.statuses.length === 2);
  assert.deepEqual(
    handler.log,
    [driver.name, driver.name, driver.name].map((name, i) => `${'+-+'[i]}${name}`),
  );
});

test('plugin – invalid – gets the reason', async (t) => {
  const { dir, handler, registry } = await startRegistry(t);
  const driver = new TestDriver(dir, { name: 'invalid.example.com' });
  await driver.serveRegistration(t);
  await registry.start();
  await until(() => driver.statuses.length > 0);
  const error = 'RegisterPlugin error -- plugin validation failed with err: invalid.example.com is invalid';
  assert.deepEqual(driver.statuses[0], { pluginRegistered: false, error });
  assert.equal(handler.registered.size, 0);
});

test('plugin – registration failed – tried again', async (t) => {
  const { dir, handler, registry } = await startRegistry(t);
  const driver = new TestDriver(dir);
  handler.problems[driver.name] = 'not yet';
  await driver.serveRegistration(t);
  await registry.start();
  await until(() => driver.statuses.length > 0);
  const error = 'RegisterPlugin error -- plugin registration failed with err: not yet';
  assert.deepEqual(driver.statuses[0], { pluginRegistered: false, error });
  delete handler.problems[driver.name];
  await until(() => handler.registered.has(driver.name));
});

test('plugin – of a type without a handler – gets the reason', async (t) => {
  const { dir, handler, registry } = await startRegistry(t);
  const driver = new TestDriver(dir);
  const { name } = driver;
  const GetInfo = () => ({ type: 'OtherPlugin', name, endpoint: '', supportedVersions: ['v1'] });
  await driver.serveRegistration(t, { GetInfo });
  await registry.start();
  await until(() => driver.statuses.length > 0);
  const error = `RegisterPlugin error -- no handler registered for plugin type: OtherPlugin at socket ${driver.registrationSocket}`;
  assert.deepEqual(driver.statuses[0], { pluginRegistered: false, error });
  assert.equal(handler.registered.size, 0);
});

test('plugin – does not answer – holds up no other plugin', async (t) => {
  const { dir, handler, registry } = await startRegistry(t);
  const hanging = new TestDriver(dir, { name: 'a-hanging.example.com' });
  await hanging.serveRegistration(t, { GetInfo: () => new Promise(() => undefined) });
  const driver = new TestDriver(dir);
  await driver.serveRegistration(t);
  await registry.start();
  await until(() => handler.registered.has(driver.name));
  assert.ok(!handler.registered.has(hanging.name));
});
