/**
 * Running containers get more or less cpu and memory, on a real containerd and down to the control groups.
 */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { nodes, pods } from '#api/generated/kinds.gen.ts';
import type { Node, ResourceRequirements } from '#api/generated/types.gen.ts';
import { RealKubelet, shell } from '../../support/real-kubelet.ts';

const node = new RealKubelet();
const namespace = 'e2e';

before(() => node.start());
after(() => node.stop());

const sized = (cpu: string, memory: string): ResourceRequirements => ({
  requests: { cpu: '100m', memory: '32Mi' },
  limits: { cpu, memory },
});

async function resize(name: string, resources: ResourceRequirements): Promise<void> {
  const patch = { spec: { containers: [{ name: 'main', resources }] } };
  await node.client.patch(pods, { namespace, name }, 'strategic', patch, { subresource: 'resize' });
}

async function runsWith(name: string, resources: ResourceRequirements): Promise<void> {
  await node.until(`${name} runs with ${JSON.stringify(resources)}`, async () => {
    assert.deepEqual((await node.containerOf(name)).resources, resources);
    return true;
  });
}

async function condition(name: string, type: string) {
  const found = (await node.statusOf(name)).conditions?.find((condition) => condition.type === type);
  return found && { status: found.status, reason: found.reason, message: found.message };
}

/** Limits of the pod's control group, or of its container's. */
async function limits(name: string, inside: 'pod' | 'container') {
  const { metadata } = await node.client.get(pods, { namespace, name });
  const id = (await node.containerOf(name)).containerID?.replace('containerd://', '');
  const path = `${node.containerdOptions.cgroupRoot}/kubepods/burstable/pod${metadata.uid}${inside === 'pod' ? '' : `/${id}`}`;
  const unified = existsSync('/sys/fs/cgroup/cgroup.controllers');
  const read = (controller: string, v1: string, v2: string) =>
    readFileSync(
      `/sys/fs/cgroup/${unified ? '' : `${controller}/`}${path}/${unified ? v2 : v1}`,
      'utf8',
    ).trim();
  return {
    cpu: read('cpu', 'cpu.cfs_quota_us', 'cpu.max').split(' ')[0],
    memory: Number(read('memory', 'memory.limit_in_bytes', 'memory.max')) / 2 ** 20,
  };
}

test('a resize in place – up and down, of container and pod – restarts nothing', async (t) => {
  await node.create('elastic', { containers: [shell('sleep 1000', { resources: sized('200m', '64Mi') })] });
  await node.untilReady('elastic');
  const { containerID } = await node.containerOf('elastic');
  for (const [cpu, memory, quota, mebibytes] of [
    ['300m', '96Mi', '30000', 96],
    ['150m', '48Mi', '15000', 48],
  ] as const) {
    await t.test(`${cpu} and ${memory}`, async () => {
      await resize('elastic', sized(cpu, memory));
      await runsWith('elastic', sized(cpu, memory));
      for (const inside of ['pod', 'container'] as const) {
        assert.deepEqual(await limits('elastic', inside), { cpu: quota, memory: mebibytes });
      }
    });
  }
  const { observedGeneration } = await node.statusOf('elastic');
  assert.equal(observedGeneration, 3);
  await node.until(
    'nothing is under way',
    async () => (await condition('elastic', 'PodResizeInProgress')) === undefined,
  );
  for (const [reason, state] of [
    ['ResizeStarted', 'started'],
    ['ResizeCompleted', 'completed'],
  ] as const) {
    await node.until(`both are reported as ${state}`, async () => {
      const reported = await node.eventsOf('elastic', reason);
      const about = reported.map((message) => message.replace(`Pod resize ${state}: `, ''));
      const limits = { cpu: '150m', memory: '48Mi' };
      const resources = { limits, requests: { cpu: '100m', memory: '32Mi' } };
      const last = JSON.stringify({ containers: [{ name: 'main', resources }], generation: 3 });
      return about.length === 2 && about.includes(last);
    });
  }
  const now = await node.containerOf('elastic');
  assert.deepEqual([now.containerID, now.restartCount], [containerID, 0]);
  assert.deepEqual(now.allocatedResources, sized('150m', '48Mi').requests);
});

test('an init container – resized while it runs – gets the resources and no restart', async () => {
  const untilGo = 'until [ -e /tmp/go ]; do sleep 0.1; done';
  const init = shell(untilGo, { name: 'init', resources: sized('200m', '64Mi') });
  await node.create('early', { initContainers: [init], containers: [shell('sleep 1000')] });
  const statusOfInit = async () => (await node.statusOf('early')).initContainerStatuses?.[0];
  await node.until('it runs', async () => (await statusOfInit())?.state?.running !== undefined);
  const patch = { spec: { initContainers: [{ name: 'init', resources: sized('300m', '96Mi') }] } };
  await node.client.patch(pods, { namespace, name: 'early' }, 'strategic', patch, { subresource: 'resize' });
  await node.until('it runs with more', async () => {
    assert.deepEqual((await statusOfInit())?.resources, sized('300m', '96Mi'));
    return true;
  });
  assert.equal((await statusOfInit())?.restartCount, 0);
});

test('a resize – more cpu, by a restart – raises the limits of the pod before', async () => {
  const resizePolicy = [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }];
  const script = 'trap exit TERM; while true; do sleep 0.1; done';
  await node.create('quick', {
    containers: [shell(script, { resources: sized('200m', '64Mi'), resizePolicy })],
  });
  await node.untilReady('quick');
  for (const [cpu, quota] of [
    ['300m', '30000'],
    ['150m', '15000'],
  ] as const) {
    const { restartCount } = await node.containerOf('quick');
    await resize('quick', sized(cpu, '64Mi'));
    await node.until('it is restarted', async () => {
      const now = await node.containerOf('quick');
      return now.restartCount === restartCount + 1 && now.state?.running !== undefined;
    });
    await runsWith('quick', sized(cpu, '64Mi'));
    await node.until('the pod has its limits', async () => (await limits('quick', 'pod')).cpu === quota);
    assert.equal((await limits('quick', 'container')).cpu, quota);
  }
});

test('a resize – the policy asks for a restart – restarts the container', async () => {
  const resizePolicy = [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }];
  const script = 'while true; do sleep 0.2; done';
  await node.create('brittle', {
    containers: [shell(script, { resources: sized('200m', '64Mi'), resizePolicy })],
  });
  await node.untilReady('brittle');
  await resize('brittle', sized('300m', '64Mi'));
  await runsWith('brittle', sized('300m', '64Mi'));
  assert.equal((await node.containerOf('brittle')).restartCount, 0);
  await resize('brittle', sized('300m', '96Mi'));
  await node.until('a restart', async () => (await node.containerOf('brittle')).restartCount === 1);
  await runsWith('brittle', sized('300m', '96Mi'));
  assert.equal((await limits('brittle', 'container')).memory, 96);
  const message = 'Container main resize requires restart, will be restarted';
  await node.until('it is reported', async () =>
    (await node.eventsOf('brittle', 'Killing')).includes(message),
  );
});

test('a resize – beyond what the node can ever give – is refused at the API server', async () => {
  await node.create('huge', { containers: [shell('sleep 1000', { resources: sized('200m', '64Mi') })] });
  await node.untilReady('huge');
  const beyond = { requests: { cpu: '1000', memory: '32Mi' }, limits: { cpu: '1000', memory: '64Mi' } };
  await assert.rejects(resize('huge', beyond), {
    code: 403,
    message:
      /^pods "huge" is forbidden: node didn't have enough allocatable resources: cpu, requested: 1000000, allocatable: \d+$/,
  });
  assert.equal(await condition('huge', 'PodResizePending'), undefined);
});

test('a resize – beyond what other pods leave – waits and changes nothing, also over a restart of the kubelet', async () => {
  const before = sized('200m', '64Mi');
  await node.create('greedy', { containers: [shell('sleep 1000', { resources: before })] });
  await node.untilReady('greedy');
  const [{ status }] = (await node.client.list(nodes)).items as [Node];
  const cpu = status?.allocatable?.['cpu'] ?? '';
  await resize('greedy', { requests: { cpu, memory: '32Mi' }, limits: { cpu, memory: '64Mi' } });
  const why = /Node didn't have enough resource: cpu, requested: \d+000, used: \d+00, capacity: \d+000/;
  const deferred = async () => {
    const pending = await condition('greedy', 'PodResizePending');
    assert.equal(pending?.reason, 'Deferred');
    assert.match(pending?.message ?? '', why);
    return true;
  };
  await node.until('it is pending', deferred);
  await runsWith('greedy', before);
  await node.kubelet.stop();
  await node.startKubelet();
  await node.create('later', { containers: [shell('sleep 1000')] });
  await node.untilReady('later');
  await node.until('it is pending still', deferred);
  await runsWith('greedy', before);
  assert.equal((await node.containerOf('greedy')).restartCount, 0);
  const [message = '', ...more] = await node.eventsOf('greedy', 'ResizeDeferred');
  assert.match(
    message,
    /^Pod resize OutOfcpu: .*"generation":2,"error":"Node didn't have enough resource: cpu/,
  );
  assert.deepEqual(more, []);
  await resize('greedy', sized('250m', '64Mi'));
  await runsWith('greedy', sized('250m', '64Mi'));
  await node.until(
    'nothing is pending',
    async () => (await condition('greedy', 'PodResizePending')) === undefined,
  );
});

test('a memory limit – resized below the usage – waits, and ends no process', async () => {
  const script = 'dd if=/dev/zero of=/dev/shm/held bs=1M count=40 2>/dev/null; echo full; sleep 1000';
  await node.create('full', { containers: [shell(script, { resources: sized('200m', '96Mi') })] });
  await node.untilLogged('full', 'full');
  await resize('full', sized('200m', '33Mi'));
  await node.until('it is reported', async () => {
    const { reason, message = '' } = (await condition('full', 'PodResizeInProgress')) ?? {};
    return reason === 'Error' && message.startsWith('cannot decrease memory limits: ');
  });
  assert.match((await node.eventsOf('full', 'ResizeError'))[0] ?? '', /below current usage \(\d+\)/);
  assert.equal((await node.containerOf('full')).restartCount, 0);
  await node.kube(['exec', 'full', '--', 'rm', '/dev/shm/held']);
  await runsWith('full', sized('200m', '33Mi'));
});
