import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#host/system-env.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { readPodView } from '../runtime/pod-view.ts';
import type { ContainerConfig, SandboxConfig } from '../runtime/runtime-config.ts';
import { simulatedRuntime } from '../simulated/simulated-runtime.ts';
import { collectGarbage, type GarbageParts } from './container-garbage.ts';

const clock = new VirtualClock();
const env = { clock, random: systemRandom, log: silentLog };

function machine() {
  const runtime = simulatedRuntime(env);
  runtime.updatePodCidr('10.244.0.0/24');
  const directories = new Set<string>();
  const setup = {
    knownPods: async () => [...directories],
    cleanUp: async (uid: string) => void directories.delete(uid),
    removeLogs: async () => undefined,
  };
  const parts = { env, runtime, setup, readView: (uid: string) => readPodView(runtime, uid) };

  async function sandbox(uid: string, attempt = 0) {
    await clock.advance(1000);
    const config = {
      metadata: { name: uid, uid, namespace: 'd', attempt },
      hostname: uid,
      annotations: {},
      linux: { securityContext: { namespaceOptions: { network: 'POD' } } },
    } as unknown as SandboxConfig;
    directories.add(uid);
    return { id: await runtime.runPodSandbox(config), config };
  }

  async function container({ id, config }: { id: string; config: SandboxConfig }, attempt: number) {
    await clock.advance(1000);
    const metadata = { name: 'main', attempt };
    const image = { image: 'web:1' };
    const made = { metadata, image, envs: [], annotations: {} } as unknown as ContainerConfig;
    const containerId = await runtime.createContainer(id, made, config);
    await runtime.startContainer(containerId);
    return containerId;
  }

  return { runtime, directories, sandbox, container, parts: parts as unknown as GarbageParts };
}

test('garbage – of a living pod – is all but the newest sandbox and the newest two containers of each name', async () => {
  const { runtime, sandbox, container, parts } = machine();
  const first = await sandbox('lives');
  for (const attempt of [0, 1]) await runtime.stopContainer(await container(first, attempt), 0);
  await runtime.stopPodSandbox(first.id);
  const second = await sandbox('lives', 1);
  for (const attempt of [2, 3]) await runtime.stopContainer(await container(second, attempt), 0);
  await collectGarbage(parts, () => true);
  assert.deepEqual((await runtime.listContainers()).map(({ attempt }) => attempt).sort(), [2, 3]);
  assert.deepEqual(
    (await runtime.listPodSandboxes()).map(({ attempt }) => attempt),
    [1],
  );
});

test('garbage – of a removed pod – is everything; what cannot be removed does not keep the others', async () => {
  const { runtime, directories, sandbox, container, parts } = machine();
  const { removePodSandbox } = runtime;
  const stuck = await sandbox('stuck');
  for (const uid of ['one', 'two']) await container(await sandbox(uid), 0);
  directories.add('only a directory');
  let busy = true;
  runtime.removePodSandbox = (id) =>
    busy && id === stuck.id ? Promise.reject(new Error('busy')) : removePodSandbox(id);
  await collectGarbage(parts, () => false);
  assert.deepEqual(
    (await runtime.listPodSandboxes()).map(({ podUid }) => podUid),
    ['stuck'],
  );
  assert.deepEqual(await runtime.listContainers(), []);
  assert.ok(!directories.has('only a directory'));
  busy = false;
  await collectGarbage(parts, () => false);
  assert.deepEqual(await runtime.listPodSandboxes(), []);
  assert.deepEqual([...directories], []);
});
