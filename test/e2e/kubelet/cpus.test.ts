/**
 * The static policy of the CPU manager on this machine: a container of a Guaranteed pod has processors for itself, all
 * others share the rest.
 */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { after, before, test } from 'node:test';
import { readKubeletConfiguration } from '#api/configuration/kubelet/kubelet-configuration.ts';
import { pods } from '#api/generated/kinds.gen.ts';
import { cpuListText, parseCpuList } from '#base/text/cpu-list.ts';
import { isCgroupV2 } from '#host/kernel/capabilities.ts';
import { podsCgroup } from '#kubelet/machine/pod-cgroups.ts';
import { RealKubelet, shell } from '../../support/real-kubelet.ts';

const node = new RealKubelet();
const config = readKubeletConfiguration({
  cpuManagerPolicy: 'static',
  cpuManagerReconcilePeriod: '1s',
  systemReserved: 'cpu=500m',
});
const stateFile = `${node.dir}/kubelet/cpu_manager_state`;

const skip = availableParallelism() < 2 && 'the machine has one processor, which is reserved';

before(async () => {
  node.config = config;
  if (!skip) await node.start();
});
after(() => (skip ? undefined : node.stop()));

const sleeper = (resources: object) => ({ containers: [shell('exec sleep 1000', { resources })] });
const whole = { limits: { cpu: '1', memory: '32Mi' } };
const part = { requests: { cpu: '50m' }, limits: { cpu: '200m' } };

/** The processors of the main container, and its quota, as the kernel has them. */
async function cgroupOf(name: string): Promise<{ cpus: string; quota: string; podQuota: string }> {
  const { metadata, status } = await node.client.get(pods, { namespace: 'e2e', name });
  const parent = status?.qosClass === 'Guaranteed' ? '' : `/${status?.qosClass?.toLowerCase()}`;
  const pod = `${podsCgroup(node.containerdOptions.cgroupRoot)}${parent}/pod${metadata.uid}`;
  const id = (await node.containerOf(name)).containerID?.replace('containerd://', '');
  const read = async (controller: string, path: string) =>
    (await readFile(`/sys/fs/cgroup${isCgroupV2() ? '' : `/${controller}`}${path}`, 'utf8')).trim();
  const quotaFile = isCgroupV2() ? 'cpu.max' : 'cpu.cfs_quota_us';
  return {
    cpus: await read('cpuset', `${pod}/${id}/cpuset.cpus`),
    quota: await read('cpu', `${pod}/${id}/${quotaFile}`),
    podQuota: await read('cpu', `${pod}/${quotaFile}`),
  };
}

async function shared(): Promise<string> {
  return (JSON.parse(await readFile(stateFile, 'utf8')) as { defaultCpuSet: string }).defaultCpuSet;
}

const cpusOf = async (name: string) => (await cgroupOf(name)).cpus;

test('a Guaranteed pod of one processor – beside a Burstable one – has it for itself, as long as it lives', {
  skip,
}, async (t) => {
  await node.create('burstable', sleeper(part));
  await node.untilReady('burstable');
  const all = await shared();
  const before = await cgroupOf('burstable');
  assert.equal(before.cpus, all);
  assert.match(before.quota, /^20000\b/);
  await node.create('guaranteed', sleeper(whole));
  await node.untilReady('guaranteed');
  const own = await cgroupOf('guaranteed');

  await t.test('and no quota', () => {
    assert.match(own.cpus, /^\d+$/);
    assert.match(own.quota, /^(-1|max .*)$/);
    assert.match(own.podQuota, /^(-1|max .*)$/);
  });

  await t.test('while the other pod has the rest', async () => {
    const rest = cpuListText(parseCpuList(all).difference(parseCpuList(own.cpus)));
    await node.until('the shared pool is smaller', async () => (await cpusOf('burstable')) === rest);
    assert.equal(await shared(), rest);
    assert.deepEqual(await cgroupOf('burstable'), { ...before, cpus: rest });
    await node.create('later', sleeper(part));
    await node.untilReady('later');
    assert.equal(await cpusOf('later'), rest);
  });

  await t.test('also after a restart of the kubelet', async () => {
    await node.kubelet.stop();
    await node.startKubelet();
    const { uid } = (await node.client.get(pods, { namespace: 'e2e', name: 'guaranteed' })).metadata;
    const { entries } = JSON.parse(await readFile(stateFile, 'utf8'));
    assert.deepEqual(entries, { [uid]: { main: own.cpus } });
    assert.equal(await cpusOf('guaranteed'), own.cpus);
  });

  await t.test('and a resize of its cpu is infeasible', async () => {
    const containers = [{ name: 'main', resources: { requests: { cpu: '500m' }, limits: { cpu: '500m' } } }];
    await node.client.patch(
      pods,
      { namespace: 'e2e', name: 'guaranteed' },
      'strategic',
      { spec: { containers } },
      { subresource: 'resize' },
    );
    await node.until('the condition', async () =>
      ((await node.statusOf('guaranteed')).conditions ?? []).some(
        ({ type, reason, message }) =>
          type === 'PodResizePending' &&
          reason === 'Infeasible' &&
          message === 'Resize is infeasible for Guaranteed Pods alongside CPU Manager policy "static"',
      ),
    );
  });

  await t.test('until it ends', async () => {
    await node.client.delete(pods, { namespace: 'e2e', name: 'guaranteed' });
    await node.until('the shared pool is whole', async () => (await cpusOf('burstable')) === all);
    assert.equal(await shared(), all);
  });
});

test('an init container – ended – leaves its processors to the containers of its pod', { skip }, async () => {
  const free = availableParallelism() - 1;
  const resources = { limits: { cpu: String(free), memory: '32Mi' } };
  const init = { ...shell('grep Cpus_allowed_list /proc/self/status', { resources }), name: 'init' };
  await node.create('initialized', { initContainers: [init], ...sleeper(resources) });
  await node.untilReady('initialized');
  const { cpus } = await cgroupOf('initialized');
  assert.equal(parseCpuList(cpus).size, free);
  const log = await node.kube(['logs', 'initialized', '-c', 'init']);
  assert.equal(log.trim(), `Cpus_allowed_list:\t${cpus}`);
  await node.client.delete(pods, { namespace: 'e2e', name: 'initialized' });
  await node.until('its processors are back', async () => parseCpuList(await shared()).size === free + 1);
});

test('a Guaranteed pod – of more processors than are left – fails with UnexpectedAdmissionError', {
  skip,
}, async () => {
  const cpu = String(availableParallelism());
  await node.create('large', sleeper({ limits: { cpu, memory: '32Mi' } }));
  const { reason, message } = await node.untilPhase('large', 'Failed');
  const available = Number(cpu) - 1;
  assert.deepEqual(
    [reason, message],
    [
      'UnexpectedAdmissionError',
      `Pod was rejected: Allocate failed due to not enough cpus available to satisfy request: requested=${cpu}, available=${available}, which is unexpected`,
    ],
  );
});

test('a kubelet of another policy – over the same state – is refused', { skip }, async () => {
  await node.kubelet.stop();
  node.config = readKubeletConfiguration({});
  await assert.rejects(
    node.startKubelet(),
    /configured policy "none" differs from state checkpoint policy "static"/,
  );
  node.config = config;
  await node.startKubelet();
});
