import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { systemEnv } from '#host/system-env.ts';
import { eventually } from '#testing/client-suite.ts';
import { TestDevicePlugin } from '#testing/kubelet/device-plugin.ts';
import { PluginServer } from '#testing/kubelet/plugin-server.ts';
import description from './deviceplugin.gen.json' with { type: 'json' };
import { PluginResources } from './plugin-resources.ts';

const thing = 'example.com/thing';

async function setUp(t: TestContext) {
  const dir = await mkdtemp('/tmp/kybern-resources-');
  t.after(() => rm(dir, { recursive: true }));
  let gone = 0;
  const resources = new PluginResources(systemEnv(), [], {
    onDevices: () => undefined,
    onGone: () => gone++,
  });
  t.after(() => resources.stop());
  const isGone = () => eventually(systemEnv(), 'the plugin has gone', () => gone > 0 || undefined);
  return { dir, resources, isGone };
}

test('plugin – that ends before it has listed devices – leaves no resource', async (t) => {
  const { dir, resources, isGone } = await setUp(t);
  const path = `${dir}/silent.sock`;
  const answers = { GetDevicePluginOptions: () => ({}) };
  const server = await PluginServer.start(t, path, description, answers, { ListAndWatch: () => undefined });
  await resources.connect(thing, path);
  assert.notEqual(resources.get(thing), undefined);
  server.kill();
  await isGone();
  assert.equal(resources.get(thing), undefined);
});

test('plugin – that ends after it has listed devices – leaves its resource, without healthy ones', async (t) => {
  const { dir, resources, isGone } = await setUp(t);
  const plugin = new TestDevicePlugin(dir, { devices: [{ ID: 'a' }, { ID: 'b', health: 'Unhealthy' }] });
  await resources.connect(thing, `${dir}/${await plugin.serve(t)}`);
  await eventually(systemEnv(), 'a list', () => resources.get(thing)?.isListed || undefined);
  assert.deepEqual([...resources.get(thing)!.healthy.keys()], ['a']);
  plugin.kill();
  await isGone();
  const { devices, healthy } = resources.get(thing)!;
  assert.deepEqual([devices.size, healthy.size], [2, 0]);
});
