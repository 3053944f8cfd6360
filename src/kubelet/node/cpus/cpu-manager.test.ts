import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { type TestContext, test } from 'node:test';
import { readKubeletConfiguration } from '#api/configuration/kubelet/kubelet-configuration.ts';
import type { Env } from '#base/env.ts';
import { silentLog } from '#base/log.ts';
import { cpuPlaces } from '#testing/kubelet/cpus.ts';
import { storedPod } from '#testing/objects.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import type { NodePod } from '../../pod/pod.ts';
import type { ContainerSummary } from '../../runtime/runtime.ts';
import type { LinuxResources } from '../../runtime/runtime-config.ts';
import { type CpuManager, openCpuManager } from './cpu-manager.ts';

const places = cpuPlaces({ sockets: 1, numaNodes: 1, coresPerSocket: 4, threadsPerCore: 1 });

function podOf(uid: string, cpu: string): NodePod {
  const amounts = { cpu, memory: '64Mi' };
  const resources = { requests: amounts, limits: amounts };
  return storedPod(uid, { metadata: { uid }, spec: { containers: [{ name: 'main', resources }] } });
}

const running = (podUid: string, id = podUid) =>
  ({ id, podUid, name: 'main', state: 'running' }) as ContainerSummary;

/** A node of four processors, the first of them reserved. */
function setUp(t: TestContext) {
  const dir = mkdtempSync(`${tmpdir()}/kybern-cpus-`);
  const opened: CpuManager[] = [];
  t.after(async () => {
    for (const manager of opened) manager.stop();
    for (const manager of opened) await manager.saved();
    rmSync(dir, { recursive: true });
  });
  const clock = new VirtualClock();
  const env = { clock, log: silentLog } as unknown as Env;
  const updates: string[] = [];
  const node = { containers: [] as ContainerSummary[], pods: [] as NodePod[], broken: '' };
  const runtime = {
    listContainers: async () => node.containers,
    async updateContainerResources(id: string, { cpusetCpus }: LinuxResources) {
      if (id === node.broken) throw new Error('no such container');
      updates.push(`${id}=${cpusetCpus}`);
    },
  };
  const open = async (cpuManagerPolicy = 'static') => {
    const { cpus: settings } = readKubeletConfiguration({ cpuManagerPolicy, systemReserved: 'cpu=500m' });
    const manager = await openCpuManager({ env, runtime, settings, dir, places: async () => places });
    if (manager) opened.push(manager);
    return manager;
  };
  const start = async () => {
    const manager = await open();
    assert.ok(manager);
    manager.start({ active: () => node.pods, synced: async () => undefined });
    await clock.advance(0);
    return manager;
  };
  const stateFile = `${dir}/cpu_manager_state`;
  return { clock, node, updates, open, start, stateFile };
}

function assignAll(manager: CpuManager, pod: NodePod): void {
  for (const container of pod.spec.containers) manager.assign(pod, container, undefined);
}

test('a pod – assigned its processors – has them on disk, and the next kubelet keeps them', async (t) => {
  const { start, stateFile, node } = setUp(t);
  const manager = await start();
  node.pods = [podOf('own', '2')];
  assignAll(manager, node.pods[0]!);
  await manager.saved();
  const { checksum: _, ...state } = JSON.parse(readFileSync(stateFile, 'utf8'));
  const entries = { own: { main: '1-2' } };
  assert.deepEqual(state, { policyName: 'static', defaultCpuSet: '0,3', entries });
  const next = await start();
  assignAll(next, node.pods[0]!);
  assert.deepEqual(next.of('own', 'main'), { list: '1-2', areExclusive: true });
  assert.deepEqual(next.of('other', 'main'), { list: '0,3', areExclusive: false });
  assert.deepEqual([next.hasExclusive('own'), next.hasExclusive('other')], [true, false]);
});

test('the shared pool – grown and shrunk – reaches running containers within ten seconds, each once', async (t) => {
  const { start, clock, node, updates } = setUp(t);
  node.pods = [podOf('shared', '500m')];
  node.containers = [running('shared'), running('of-no-pod')];
  const manager = await start();
  assert.deepEqual(updates.splice(0), ['shared=0-3']);
  node.pods.push(podOf('own', '1'));
  assignAll(manager, node.pods[1]!);
  node.containers.push(running('own'));
  await clock.advance(10_000);
  assert.deepEqual(updates.splice(0), ['shared=0,2-3', 'own=1']);
  await clock.advance(10_000);
  assert.deepEqual(updates.splice(0), []);
  node.pods.pop();
  await clock.advance(10_000);
  assert.deepEqual(updates.splice(0), ['shared=0-3']);
  node.containers = [running('shared', 'restarted')];
  await clock.advance(10_000);
  assert.deepEqual(updates, ['restarted=0-3']);
});

test('a container – that cannot be updated – keeps no other from its turn, and is tried again', async (t) => {
  const { start, clock, node, updates } = setUp(t);
  node.pods = [podOf('a', '500m'), podOf('b', '500m')];
  node.containers = [running('a'), running('b')];
  node.broken = 'a';
  await start();
  assert.deepEqual(updates.splice(0), ['b=0-3']);
  node.broken = '';
  await clock.advance(10_000);
  assert.deepEqual(updates, ['a=0-3']);
});

test('a pod – more than is left – is rejected, and takes nothing', async (t) => {
  const { start, node } = setUp(t);
  const manager = await start();
  node.pods = [podOf('own', '2')];
  assignAll(manager, node.pods[0]!);
  const message = 'not enough cpus available to satisfy request: requested=2, available=1';
  assert.throws(() => assignAll(manager, podOf('late', '2')), { message });
  assert.equal(manager.hasExclusive('late'), false);
  node.pods = [];
  assignAll(manager, podOf('later', '3'));
});

test('the processors of a pod – before all pods are known – are not taken for those of one that has ended', async (t) => {
  const { start, open, node, clock } = setUp(t);
  const manager = await start();
  node.pods = [podOf('own', '2')];
  assignAll(manager, node.pods[0]!);
  await manager.saved();
  manager.stop();
  node.pods = [];
  const next = await open();
  let known = () => {};
  next?.start({ active: () => node.pods, synced: () => new Promise((resolve) => (known = resolve)) });
  await clock.advance(60_000);
  if (next) assignAll(next, podOf('new', '1'));
  assert.equal(next?.hasExclusive('own'), true);
  known();
  await clock.advance(10_000);
  assert.equal(next?.hasExclusive('own'), false);
});

test('the policy – another than that of the state – is refused with what to do; none keeps its own state', async (t) => {
  const { open, stateFile } = setUp(t);
  assert.equal(await open('none'), undefined);
  assert.match(
    readFileSync(stateFile, 'utf8'),
    /^\{"policyName":"none","defaultCpuSet":"","checksum":\d+\}$/,
  );
  assert.equal(await open('none'), undefined);
  const message =
    'start cpu manager error: could not restore state from checkpoint: configured policy "static" differs from state ' +
    `checkpoint policy "none", please drain this node and delete the CPU manager checkpoint file "${stateFile}" before ` +
    'restarting Kubelet';
  await assert.rejects(open(), { message });
  writeFileSync(stateFile, '{');
  await assert.rejects(open(), /could not restore state from checkpoint: .*JSON.* please drain this node/);
});
