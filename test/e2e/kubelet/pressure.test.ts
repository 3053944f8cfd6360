/**
 * A node that runs short: real pods with real use. What all pods may use together is bounded, and the node's files lie
 * on a small file system of their own, so that nothing else on the machine is short of anything.
 */

import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { after, before, test } from 'node:test';
import { readKubeletConfiguration } from '#api/configuration/kubelet/kubelet-configuration.ts';
import { events, nodes } from '#api/generated/kinds.gen.ts';
import { conditionOf } from '#api/meta/conditions.ts';
import { removeCgroups } from '#host/kernel/cgroups/cgroups.ts';
import { memoryLimitBytes, processRoom } from '#host/kernel/node-signals.ts';
import { command } from '#host/processes/command.ts';
import { podsCgroup } from '#kubelet/machine/pod-cgroups.ts';
import { nodeName, RealKubelet, shell } from '../../support/real-kubelet.ts';

const node = new RealKubelet();

const mebi = 2 ** 20;
/** What all pods may use together: the node keeps the rest of the machine. */
const podsMebi = 800;
const kept = { memory: String(totalmem() - podsMebi * mebi) };

before(async () => {
  mkdirSync(`${node.dir}/kubelet`);
  await command('mount', ['-t', 'tmpfs', '-o', 'size=128m,nr_inodes=4000', 'tmpfs', `${node.dir}/kubelet`]);
  await node.start();
});
after(() => node.stop());

type Section = Parameters<typeof readKubeletConfiguration>[0];

async function restartWith(section: Section): Promise<void> {
  await node.kubelet.stop();
  node.config = readKubeletConfiguration({ systemReserved: kept, evictionHard: {}, ...section });
  await node.startKubelet();
}

const nodeCondition = async (type: string) =>
  conditionOf((await node.client.get(nodes, { name: nodeName })).status, type);

/** Holds so much memory, in a file system that counts as its own. */
const holding = (mebibytes: number, memory: string) =>
  shell(`dd if=/dev/zero of=/data/held bs=1048576 count=${mebibytes} && echo held && sleep 1000`, {
    volumeMounts: [{ name: 'data', mountPath: '/data' }],
    resources: { requests: { memory } },
  });
const memoryVolume = { volumes: [{ name: 'data', emptyDir: { medium: 'Memory' } }] };

test('a node short of memory – evicts the pod that exceeds its request most, once, and says so', async (t) => {
  await restartWith({});
  await node.create('modest', { ...memoryVolume, containers: [holding(64, '128Mi')] });
  await node.create('greedy', { ...memoryVolume, containers: [holding(400, '16Mi')] });
  await node.untilLogged('modest', 'held');
  await node.untilLogged('greedy', 'held');
  const evictionHard = { 'allocatableMemory.available': '400Mi' };
  await restartWith({ evictionHard, evictionPressureTransitionPeriod: '5s' });

  await t.test('its status', async () => {
    const { reason, message = '', conditions = [] } = await node.untilPhase('greedy', 'Failed');
    assert.equal(reason, 'Evicted');
    assert.match(
      message,
      new RegExp(
        '^The node was low on resource: memory\\. Threshold quantity: 400Mi, available: [0-9]+(Ki|Mi|)\\. ' +
          'Container main was using [0-9]+(Ki|Mi|), request is 16Mi, has larger consumption of memory\\. $',
      ),
    );
    const disruption = conditions.find(({ type }) => type === 'DisruptionTarget');
    assert.deepEqual(
      [disruption?.status, disruption?.reason, disruption?.message],
      ['True', 'TerminationByKubelet', message],
    );
  });

  await t.test('its event and that of the node', async () => {
    await node.until('both events', async () => {
      const { items } = await node.client.list(events, {});
      const evicted = items.filter(({ reason }) => reason === 'Evicted');
      assert.equal(evicted.length, 1);
      assert.equal(evicted[0]!.involvedObject.name, 'greedy');
      assert.equal(evicted[0]!.metadata.annotations?.['offending_containers'], 'main');
      assert.equal(evicted[0]!.metadata.annotations?.['starved_resource'], 'memory');
      const met = items.filter(({ reason }) => reason === 'EvictionThresholdMet');
      assert.deepEqual(
        met.map(({ message, type }) => `${type} ${message}`),
        ['Warning Attempting to reclaim memory'],
      );
      return true;
    });
  });

  await t.test('a pod of class BestEffort is refused meanwhile', async () => {
    await node.until('the condition', async () => (await nodeCondition('MemoryPressure'))?.status === 'True');
    await node.create('unsized', { containers: [shell('sleep 1000')] });
    const { reason, message } = await node.untilPhase('unsized', 'Failed');
    assert.deepEqual(
      [reason, message],
      ['Evicted', 'Pod was rejected: The node had condition: [MemoryPressure]. '],
    );
  });

  await t.test('the pressure passes, and the modest pod has run on', async () => {
    await node.until('no pressure', async () => (await nodeCondition('MemoryPressure'))?.status === 'False');
    assert.equal((await node.containerOf('modest')).restartCount, 0);
    assert.equal((await node.statusOf('modest')).phase, 'Running');
  });

  await t.test('a kubelet that starts again evicts nothing twice', async () => {
    await restartWith({ evictionHard });
    await node.until('the node reports', async () => (await nodeCondition('Ready'))?.status === 'True');
    await node.create('later', { containers: [shell('sleep 1000')] });
    await node.untilReady('later');
    assert.equal((await node.eventsOf('greedy', 'Evicted')).length, 1);
    assert.equal((await node.statusOf('greedy')).reason, 'Evicted');
    assert.equal((await node.statusOf('modest')).phase, 'Running');
  });
});

test('reserved memory – of a node – is not allocatable, and the control group of its pods lacks it', async () => {
  await restartWith({ evictionHard: { 'memory.available': '100Mi' } });
  const { status } = await node.client.get(nodes, { name: nodeName });
  assert.equal(status?.allocatable?.['memory'], `${podsMebi - 100}Mi`);
  const cgroup = podsCgroup(node.containerdOptions.cgroupRoot);
  await node.until('the limit', async () => (await memoryLimitBytes(cgroup)) === podsMebi * mebi);
  await node.until('its event', async () => {
    const { items } = await node.client.list(events, {});
    return items.some(
      ({ reason, message }) =>
        reason === 'NodeAllocatableEnforced' && message === 'Updated Node Allocatable limit across pods',
    );
  });
});

test('reserved resources – of a control group of the machine – are its limits, and without the group no kubelet starts', async (t) => {
  const cgroup = `/${node.containerdOptions.cgroupRoot}-system`;
  const section = {
    enforceNodeAllocatable: ['pods', 'system-reserved'],
    systemReservedCgroup: cgroup,
    evictionHard: {},
  };
  await assert.rejects(restartWith(section), {
    message: new RegExp(
      `^Failed to enforce System Reserved Cgroup Limits on "${cgroup}": cgroup \\["${cgroup.slice(1)}"\\] has some missing paths: `,
    ),
  });
  for (const mount of readdirSync('/sys/fs/cgroup')) {
    mkdirSync(`/sys/fs/cgroup/${mount}${cgroup}`, { recursive: true });
  }
  t.after(() => removeCgroups(cgroup));
  node.config = readKubeletConfiguration({ systemReserved: { ...kept, pid: '1000' }, ...section });
  await node.startKubelet();
  assert.equal(readFileSync(`/sys/fs/cgroup/pids${cgroup}/pids.max`, 'utf8'), '1000\n');
});

/** Fills its volume in a way that the node is short of afterwards. */
async function isEvictedFor(name: string, script: string, section: Section, message: RegExp): Promise<void> {
  await restartWith(section);
  await node.create(name, {
    volumes: [{ name: 'data', emptyDir: {} }],
    containers: [shell(`${script}; sleep 1000`, { volumeMounts: [{ name: 'data', mountPath: '/data' }] })],
  });
  const status = await node.untilPhase(name, 'Failed');
  assert.equal(status.reason, 'Evicted');
  assert.match(status.message ?? '', message);
  assert.deepEqual(status.conditions?.find(({ type }) => type === 'DisruptionTarget')?.status, 'True');
  await node.until('the condition', async () => (await nodeCondition('DiskPressure'))?.status === 'True');
  assert.equal((await nodeCondition('DiskPressure'))?.reason, 'KubeletHasDiskPressure');
}

test('a node short of disk – evicts the pod whose volume takes it', () =>
  isEvictedFor(
    'writer',
    'dd if=/dev/zero of=/data/file bs=1048576 count=64',
    { evictionHard: { 'nodefs.available': '80Mi' } },
    /^The node was low on resource: ephemeral-storage\. Threshold quantity: 80Mi, available: [0-9]+(Ki|Mi)\. Container main was using [0-9]+Ki, request is 0, has larger consumption of ephemeral-storage\. $/,
  ));

test('a node short of inodes – evicts the pod whose files take them', () =>
  isEvictedFor(
    'filer',
    'for i in $(seq 2000); do echo > /data/$i; done',
    { evictionHard: { 'nodefs.inodesFree': '3k' } },
    /^The node was low on resource: inodes\. Threshold quantity: 3k, available: [0-9]+\. $/,
  ));

/** The threshold lies below what the machine has now, by less than the pod then takes: nothing else is short of ids. */
test('a node short of process ids – evicts the pod that has most of them, and says so', async () => {
  const threshold = (await processRoom()).available - 100;
  await restartWith({ evictionHard: { 'pid.available': String(threshold) } });
  await node.create('brancher', {
    containers: [shell('for i in $(seq 400); do sleep 1000 & done; echo all; wait')],
  });
  const { reason, message = '', conditions } = await node.untilPhase('brancher', 'Failed');
  assert.equal(reason, 'Evicted');
  assert.match(
    message,
    new RegExp(
      `^The node was low on resource: pids\\. Threshold quantity: ${threshold}, available: [0-9]+\\. `,
    ),
  );
  assert.equal(conditions?.find(({ type }) => type === 'DisruptionTarget')?.reason, 'TerminationByKubelet');
  await node.until('the condition', async () => (await nodeCondition('PIDPressure'))?.status === 'True');
  assert.equal((await nodeCondition('PIDPressure'))?.reason, 'KubeletHasInsufficientPID');
});

test('podPidsLimit – a pod that starts more processes – gets no more', async () => {
  await restartWith({ podPidsLimit: 16 });
  await node.create('forker', {
    containers: [shell('for i in $(seq 40); do sleep 1000 & done; echo all; sleep 1000')],
    restartPolicy: 'Never',
  });
  await node.untilPhase('forker', 'Failed');
  assert.match(await node.kube(['logs', 'forker']), /can't fork/);
});

test('a shutdown of the machine – announced – ends the pods with their condition, and the node is not ready', async () => {
  const announced = Promise.withResolvers<(isShuttingDown: boolean) => void>();
  node.shutdownSource = {
    follow: ({ onSignal }) => {
      announced.resolve(onSignal);
      return () => undefined;
    },
    delay: () => () => undefined,
  };
  await restartWith({ shutdownGracePeriod: '10s', shutdownGracePeriodCriticalPods: '2s' });
  await node.create('served', { containers: [shell('sleep 1000')] });
  await node.untilReady('served');
  (await announced.promise)(true);
  const { reason, message, conditions } = await node.untilPhase('served', 'Failed');
  assert.deepEqual(
    [reason, message],
    ['Terminated', 'Pod was terminated in response to imminent node shutdown.'],
  );
  const disruption = conditions?.find(({ type }) => type === 'DisruptionTarget');
  assert.deepEqual([disruption?.status, disruption?.reason], ['True', 'TerminationByKubelet']);
  await node.until(
    'not ready',
    async () => (await nodeCondition('Ready'))?.message === 'node is shutting down',
  );
  await node.create('late', { containers: [shell('sleep 1000')] });
  const late = await node.untilPhase('late', 'Failed');
  assert.equal(late.reason, 'NodeShutdown');
});

test('allowedUnsafeSysctls – a setting that the node allows – is the pod’s own', async () => {
  node.shutdownSource = { follow: () => () => undefined, delay: () => () => undefined };
  await restartWith({ allowedUnsafeSysctls: ['kernel.msg*'] });
  await node.create('tuned', {
    securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '65536' }] },
    containers: [shell('sysctl kernel.msgmax; sleep 1000')],
  });
  assert.match(await node.untilLogged('tuned', 'kernel.msgmax'), /kernel\.msgmax = 65536/);
});
