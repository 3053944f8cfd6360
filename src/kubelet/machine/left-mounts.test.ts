/**
 * Two hundred mounts that a killed kubelet has left, of every kind, are unmounted by the next one: real mounts in a folder
 * of the test's own, and a driver that binds folders.
 */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { type TestContext, test } from 'node:test';
import { csiDrivers, nodes, persistentVolumeClaims, persistentVolumes } from '#api/generated/kinds.gen.ts';
import type { PersistentVolumeSpec, Volume } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { createInformers } from '#client/informers/informers.ts';
import { currentMounts } from '#host/kernel/mount-info.ts';
import { unmountUnder } from '#host/kernel/mounts.ts';
import { command } from '#host/processes/command.ts';
import { systemEnv } from '#host/system-env.ts';
import { eventually } from '#testing/client-suite.ts';
import { TestDriver } from '#testing/kubelet/csi-driver.ts';
import type { Answer } from '#testing/kubelet/plugin-server.ts';
import { storedMetadata } from '#testing/objects.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import { startCsi } from '../csi/start-csi.ts';
import { KubeletRoot } from '../paths/kubelet-root.ts';
import type { ObjectSource } from '../pod/objects/object-source.ts';
import type { NodePod } from '../pod/pod.ts';
import { PluginRegistry } from '../registration/plugin-registry.ts';
import type { PodSetup } from '../runtime/machine.ts';
import { volumeMounts } from '../volumes/mounts.ts';
import { volumePlugins } from '../volumes/plugins.ts';
import { TokenCache } from '../volumes/token-cache.ts';
import { collectGarbage, type GarbageParts } from '../worker/container-garbage.ts';
import { Removals } from '../worker/removals.ts';
import { machineSetup } from './machine-setup.ts';
import { PodPaths } from './pod-paths.ts';
import { PodVolumes, type VolumeTools } from './pod-volumes.ts';

const driverName = 'test.csi.example.com';
const hanging = 'hangs.csi.example.com';
const podCount = 40;
/** As many as are removed at once. */
const hangingCount = 8;

/** Binds `from` of the machine wherever it is asked to publish, with the staged mount between. */
function binding(root: KubeletRoot, from: string): Record<string, Answer> {
  const bind = async (source: string, target: unknown) => {
    const path = root.toMachine(`${target}`);
    mkdirSync(path, { recursive: true });
    await command('mount', ['--bind', source, path]);
    return {};
  };
  const unbind = async (target: unknown) => {
    const path = root.toMachine(`${target}`);
    if ((await currentMounts()).some((mount) => mount.path === path)) await command('umount', [path]);
    if (existsSync(path)) rmSync(path, { recursive: true });
    return {};
  };
  return {
    NodeStageVolume: ({ stagingTargetPath }) => bind(from, stagingTargetPath),
    NodeUnstageVolume: ({ stagingTargetPath }) => unbind(stagingTargetPath),
    NodePublishVolume: ({ targetPath, stagingTargetPath }) =>
      bind(stagingTargetPath ? root.toMachine(`${stagingTargetPath}`) : from, targetPath),
    NodeUnpublishVolume: ({ targetPath }) => unbind(targetPath),
  };
}

const claimed = (name: string): Volume => ({ name, persistentVolumeClaim: { claimName: name } });
const volumes: readonly Volume[] = [
  { name: 'memory', emptyDir: { medium: 'Memory' } },
  { name: 'disk', emptyDir: {} },
  { name: 'host', hostPath: { path: '/' } },
  claimed('local'),
  claimed('driver'),
  { name: 'inline', csi: { driver: driverName } },
];
const main = {
  name: 'main',
  volumeMounts: [
    ...volumes.map(({ name }) => ({ name, mountPath: `/${name}` })),
    { name: 'disk', mountPath: '/part', subPath: 'part' },
  ],
};

function podOf(uid: string): NodePod {
  const spec = { containers: [main], volumes: [...volumes] };
  return { metadata: storedMetadata(uid, { namespace: 'default', uid }), spec };
}

/** A claim and its volume, as the API server lists them. */
function claimObjects(sources: Record<string, Partial<PersistentVolumeSpec>>): ObjectSource {
  const found = new Map<string, object>();
  for (const [name, source] of Object.entries(sources)) {
    const claimRef = { namespace: 'default', name, uid: name };
    found.set(`${persistentVolumes.resource}/${name}`, {
      metadata: storedMetadata(name),
      spec: { accessModes: ['ReadWriteMany'], claimRef, ...source },
    });
    found.set(`${persistentVolumeClaims.resource}/${name}`, {
      metadata: storedMetadata(name, { namespace: 'default', uid: name }),
      spec: { volumeName: name },
      status: { phase: 'Bound' },
    });
  }
  const get = async ({ resource }: { resource: string }, _: string, name: string) =>
    found.get(`${resource}/${name}`) as Stored<object> | undefined;
  return { get } as unknown as ObjectSource;
}

async function open(t: TestContext) {
  const dir = mkdtempSync(`${tmpdir()}/kybern-left-`);
  t.after(async () => {
    await unmountUnder(dir);
    rmSync(dir, { recursive: true });
  });
  const kubeletDir = `${dir}/kubelet`;
  const [local, remote] = [`${dir}/local`, `${dir}/remote`];
  for (const made of [kubeletDir, local, remote]) mkdirSync(made);
  for (const kept of [local, remote]) writeFileSync(`${kept}/kept`, '');
  const api = await startTestServer();
  t.after(() => api[Symbol.asyncDispose]());
  const { client } = api;
  await client.create(nodes, { metadata: { name: 'n1' } });
  for (const name of [driverName, hanging]) {
    const spec = { attachRequired: false, volumeLifecycleModes: ['Persistent', 'Ephemeral'] };
    await client.create(csiDrivers, { metadata: { name }, spec });
  }
  const root = new KubeletRoot(kubeletDir);
  const driver = new TestDriver(kubeletDir, {
    capabilities: ['STAGE_UNSTAGE_VOLUME'],
    answers: binding(root, remote),
  });
  const slow = new TestDriver(kubeletDir, {
    name: hanging,
    answers: { NodeUnpublishVolume: () => new Promise(() => undefined) },
  });
  for (const each of [driver, slow]) {
    await each.serve(t);
    await each.serveRegistration(t);
  }
  const objects = claimObjects({
    local: { local: { path: local } },
    driver: { csi: { driver: driverName, volumeHandle: 'h' } },
  });
  const env = systemEnv();
  const start = async () => {
    const informers = createInformers(client, env);
    const csi = await startCsi({ env, client, informers, nodeName: 'n1', root });
    const registry = new PluginRegistry({ env, root, handlers: [csi.handler] });
    await registry.start();
    await eventually(env, 'both drivers', () => driver.statuses.length > 0 && slow.statuses.length > 0);
    driver.statuses.length = 0;
    slow.statuses.length = 0;
    return {
      csi,
      async stop() {
        registry.stop();
        informers.stop();
        await csi.stop();
      },
    };
  };
  return { dir, kubeletDir, local, remote, env, client, root, objects, start };
}

type Opened = Awaited<ReturnType<typeof open>>;
type Started = Awaited<ReturnType<Opened['start']>>;

const events = { event: () => undefined };

/** Sets up the volumes of pods as a kubelet that is killed then: it takes nothing down. */
async function setUpAndDie(
  { env, client, root, objects, kubeletDir }: Opened,
  { csi }: Started,
): Promise<void> {
  const tools = {
    env,
    client,
    objects,
    root,
    events,
    tokens: {},
    nodeIp: '',
    allocatable: { memory: '64Mi' },
  };
  const plugins = [...volumePlugins, csi.plugin];
  const paths = new PodPaths(kubeletDir);
  const podVolumes = new PodVolumes({ ...tools, plugins } as unknown as VolumeTools, paths);
  const uids = Array.from({ length: podCount }, (_, index) => `pod-${index}`);
  await Promise.all(
    uids.map(async (uid) => {
      const pod = podOf(uid);
      await podVolumes.setUp(pod);
      const place = { pod, container: main, attempt: 0, podIps: [], hostname: uid, variables: new Map() };
      await volumeMounts(place, podVolumes.of(uid), paths.subPaths(uid));
    }),
  );
  for (let index = 0; index < hangingCount; index++) {
    const spec = {
      containers: [{ name: 'main', volumeMounts: [{ name: 'v', mountPath: '/v' }] }],
      volumes: [{ name: 'v', csi: { driver: hanging } }],
    };
    const uid = `a-hangs-${index}`;
    await podVolumes.setUp({ metadata: storedMetadata(uid, { namespace: 'default', uid }), spec });
  }
}

function setupOf({ env, client, root, objects, kubeletDir }: Opened, { csi }: Started): PodSetup {
  return machineSetup({
    env,
    client,
    objects,
    tokens: new TokenCache(env, client),
    root,
    dataDir: kubeletDir,
    nodeIp: '192.0.2.1',
    allocatable: {},
    cgroupRoot: `/kybern-left-${process.pid}`,
    dns: { clusterDns: '', clusterDomain: 'cluster.local', host: { servers: [], searches: [], options: [] } },
    images: { mount: async () => undefined, unmount: async () => undefined },
    plugins: [csi.plugin],
    events,
  });
}

const mountsIn = async (dir: string) => (await currentMounts()).filter(({ path }) => path.startsWith(dir));

test('mounts of every kind – left by a killed kubelet, a driver hangs – are unmounted by the next, and users’ files stay', async (t) => {
  const opened = await open(t);
  const { dir, kubeletDir, env, local, remote } = opened;
  const first = await opened.start();
  await setUpAndDie(opened, first);
  await first.stop();
  assert.equal((await mountsIn(dir)).length, 5 * podCount + 1);

  const next = await opened.start();
  const setup = setupOf(opened, next);
  const runtime = { listPodSandboxes: async () => [], listContainers: async () => [] };
  const parts = { env, runtime, setup, removals: new Removals(env) } as unknown as GarbageParts;
  const startedMs = performance.now();
  await collectGarbage(parts, () => false);
  t.diagnostic(`${podCount} pods in ${Math.round(performance.now() - startedMs)} ms`);
  assert.deepEqual(await mountsIn(dir), []);
  const left = readdirSync(`${kubeletDir}/pods`);
  assert.deepEqual(
    left.filter((uid) => !uid.startsWith('a-hangs-')),
    [],
  );
  assert.equal(left.length, hangingCount);
  assert.deepEqual([readdirSync(local), readdirSync(remote)], [['kept'], ['kept']]);
  await next.stop();
});
