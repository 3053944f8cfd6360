import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#host/system-env.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { readPodView } from '../runtime/pod-view.ts';
import type { ContainerConfig, SandboxConfig } from '../runtime/runtime-config.ts';
import { simulatedRuntime } from '../simulated/simulated-runtime.ts';
import { collectGarbage, type GarbageParts } from './container-garbage.ts';
import { Removals } from './removals.ts';

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
  const removals = new Removals(env);
  const parts = { env, runtime, setup, removals, readView: (uid: string) => readPodView(runtime, uid) };

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

test('garbage – of a removed pod whose volume hangs – keeps no other pod and no old container from being removed', async () => {
  const { runtime, directories, sandbox, container, parts } = machine();
  const released = Promise.withResolvers<void>();
  const { setup } = parts;
  const cleanUp = async (uid: string) => {
    if (uid === 'hangs') await released.promise;
    await setup.cleanUp(uid);
  };
  for (const uid of ['hangs', 'one', 'two']) await container(await sandbox(uid), 0);
  directories.add('only a directory');
  const living = await sandbox('lives');
  for (const attempt of [0, 1, 2]) await runtime.stopContainer(await container(living, attempt), 0);
  const collected = collectGarbage({ ...parts, setup: { ...setup, cleanUp } }, (uid) => uid === 'lives');
  await clock.advance(1000);
  assert.deepEqual([...directories], ['hangs', 'lives']);
  const attempts = (await runtime.listContainers()).map(({ attempt }) => attempt);
  assert.deepEqual(attempts.sort(), [1, 2]);
  released.resolve();
  await collected;
  assert.deepEqual([...directories], ['lives']);
});

/** Ten sandboxes of pods that there are no more; removing the first takes until `end`. */
function tenOrphans(end: Promise<void>) {
  const left = new Set(Array.from({ length: 10 }, (_, index) => `uid-${index}`));
  const parts = {
    env,
    removals: new Removals(env),
    runtime: {
      listPodSandboxes: async () =>
        [...left].map((podUid) => ({
          id: podUid,
          podUid,
          namespace: 'default',
          name: podUid,
          createdAtMs: 0,
        })),
      listContainers: async () => [],
      stopPodSandbox: async () => undefined,
      removePodSandbox: async (id: string) => {
        if (id === 'uid-0') await end;
        left.delete(id);
      },
    },
    setup: { cleanUp: async () => undefined, removeLogs: async () => undefined, knownPods: async () => [] },
    readView: async (uid: string) => ({ containers: [], sandboxes: [{ id: uid }] }),
  };
  return { left, parts: parts as unknown as GarbageParts };
}

test('pods that an earlier life of the kubelet left – when one takes long to remove – are removed meanwhile', async () => {
  const { promise: end, resolve } = Promise.withResolvers<void>();
  const { left, parts } = tenOrphans(end);
  const collected = collectGarbage(parts, () => false);
  for (let turns = 0; turns < 100 && left.size > 1; turns++) await new Promise(setImmediate);
  assert.deepEqual([...left], ['uid-0']);
  resolve();
  await collected;
  assert.equal(left.size, 0);
});
