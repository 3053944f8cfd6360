/** A node's claims with a real API server and real gRPC drivers. */

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { resourceSlices } from '#api/generated/kinds.gen.ts';
import { systemEnv } from '#host/system-env.ts';
import { eventually } from '#testing/client-suite.ts';
import { TestDraDriver } from '#testing/kubelet/dra-driver.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import { checkpointText } from './checkpoint.ts';
import { openClaims } from './start-claims.ts';

async function open(t: TestContext) {
  const dir = await mkdtemp('/tmp/kybern-node-claims-');
  const api = await startTestServer();
  const env = systemEnv();
  const start = async (activePods: readonly string[] = []) => {
    const claims = await openClaims({ env, client: api.client, nodeName: 'n1', dir });
    t.after(() => claims.stop());
    claims.start({
      isActive: (uid) => activePods.includes(uid),
      poke: () => undefined,
      synced: async () => undefined,
    });
    return claims;
  };
  t.after(async () => {
    await api[Symbol.asyncDispose]();
    await rm(dir, { recursive: true });
  });
  return { dir, api, env, start };
}

test('ResourceSlices – the kubelet starts – are deleted, those of other nodes stay', async (t) => {
  const { api, env, start } = await open(t);
  for (const [nodeName, driver] of [
    ['n1', 'gpu.example.com'],
    ['n1', 'nic.example.com'],
    ['n2', 'gpu.example.com'],
  ] as const) {
    const pool = { name: nodeName, generation: 1, resourceSliceCount: 1 };
    const spec = { driver, nodeName, pool, devices: [{ name: 'a' }] };
    await api.client.create(resourceSlices, { metadata: { name: `${nodeName}-${driver}` }, spec });
  }
  await start();
  const names = async () =>
    (await api.client.list(resourceSlices)).items.map(({ metadata }) => metadata.name);
  await eventually(env, 'the slices of other nodes', async () =>
    (await names()).length === 1 ? true : undefined,
  );
  assert.deepEqual(await names(), ['n2-gpu.example.com']);
});

test('claims of an earlier kubelet – their pods are gone – are unprepared, those of others kept', async (t) => {
  const { dir, start } = await open(t);
  const driver = new TestDraDriver(dir);
  await driver.serve(t);
  const claim = (name: string, podUid: string) => ({
    namespace: 'default',
    name,
    uid: `${name}-uid`,
    podUids: new Set([podUid]),
    devices: new Map([[driver.name, []]]),
    isPrepared: true,
  });
  await writeFile(`${dir}/dra_manager_state`, checkpointText([claim('kept', 'p1'), claim('left', 'p2')]));
  const first = await start(['p1']);
  await first.handler.register(driver.info());
  // The first round comes before a driver can register, the next a minute later: it is the manager that is asked here.
  await first.manager.release((uid) => uid === 'p1');
  assert.deepEqual(driver.calls, ['-left']);
  assert.deepEqual([first.manager.holds('p1'), first.manager.holds('p2')], [true, false]);
  const next = await start(['p1']);
  assert.deepEqual([next.manager.holds('p1'), next.manager.holds('p2')], [true, false]);
});
