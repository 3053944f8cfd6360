/** A device plugin in this process, on a real node: its devices reach containers, and stay theirs. */

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { after, before, type TestContext, test } from 'node:test';
import { nodes } from '#api/generated/kinds.gen.ts';
import { PluginChannel } from '#kubelet/grpc/plugin-channel.ts';
import podResources from '#kubelet/server/pod-resources/v1.gen.json' with { type: 'json' };
import { TestDevicePlugin } from '#testing/kubelet/device-plugin.ts';
import { nodeName, RealKubelet, shell } from '../../support/real-kubelet.ts';

const node = new RealKubelet();
const thing = 'example.com/thing';
const things = `${node.dir}/things`;

before(async () => {
  mkdirSync(things);
  writeFileSync(`${things}/name`, 'a thing');
  await node.start();
});
after(() => node.stop());

const answer = {
  envs: { THING: 'dev1' },
  mounts: [{ containerPath: '/things', hostPath: things, readOnly: true }],
  devices: [{ containerPath: '/dev/thing', hostPath: '/dev/zero', permissions: 'r' }],
};

async function startPlugin(t: TestContext): Promise<TestDevicePlugin> {
  const plugin = new TestDevicePlugin(`${node.dir}/kubelet/device-plugins`, {
    answers: { Allocate: () => ({ containerResponses: [answer] }) },
  });
  await plugin.start(t);
  await node.until('the device is allocatable', async () => (await amounts()).allocatable === '1');
  return plugin;
}

async function amounts(): Promise<{ capacity: string | undefined; allocatable: string | undefined }> {
  const { status } = await node.client.get(nodes, { name: nodeName });
  return { capacity: status?.capacity?.[thing], allocatable: status?.allocatable?.[thing] };
}

const wanting = (command: string) => ({
  restartPolicy: 'Never',
  containers: [shell(command, { resources: { limits: { [thing]: '1' } } })],
});

test('a pod that requests a device – after its plugin has registered – sees it, a second one is rejected, and a kubelet that starts again leaves it alone', async (t) => {
  const plugin = await startPlugin(t);
  const look = 'echo $THING $(cat /things/name) $(head -c 2 /dev/thing | wc -c); exec sleep 1000';
  await node.create('first', wanting(look));
  await node.untilPhase('first', 'Running');
  const { containerID, allocatedResourcesStatus } = await node.containerOf('first');
  assert.deepEqual(allocatedResourcesStatus, [
    { name: thing, resources: [{ resourceID: 'dev1', health: 'Healthy' }] },
  ]);
  await node.until('the container has looked', async () => (await node.kube(['logs', 'first'])) !== '');
  assert.equal(await node.kube(['logs', 'first']), 'dev1 a thing 2\n');

  await node.create('second', wanting('true'));
  await node.untilPhase('second', 'Failed');
  const { reason, message } = await node.statusOf('second');
  assert.deepEqual(
    { reason, message },
    {
      reason: 'UnexpectedAdmissionError',
      message:
        'Pod was rejected: Allocate failed due to requested number of devices unavailable for example.com/thing. ' +
        'Requested: 1, Available: 0, which is unexpected',
    },
  );

  const channel = await PluginChannel.open(`${node.dir}/kubelet/pod-resources/kubelet.sock`, podResources);
  const request = { podNamespace: 'e2e', podName: 'first' };
  const resources = await channel.call('PodResourcesLister', 'Get', request, { timeoutMs: 5000 });
  await channel.close();
  assert.deepEqual(JSON.parse(JSON.stringify(resources)), {
    podResources: {
      name: 'first',
      namespace: 'e2e',
      containers: [
        {
          name: 'main',
          devices: [{ resourceName: thing, deviceIds: ['dev1'], topology: null }],
          cpuIds: [],
          memory: [],
          dynamicResources: [],
        },
      ],
    },
  });

  plugin.kill();
  await node.until('the plugin is missed', async () => (await amounts()).allocatable === '0');
  assert.equal((await amounts()).capacity, '1');
  await node.kubelet.stop();
  await node.startKubelet();
  assert.deepEqual(await amounts(), { capacity: '0', allocatable: '0' });
  await plugin.start(t);
  await node.until('the device is back', async () => (await amounts()).allocatable === '1');
  const again = await node.containerOf('first');
  assert.equal(again.containerID, containerID);
  assert.ok(again.state?.running);

  await node.kube(['delete', 'pod', 'first']);
  await node.create('third', wanting('true'));
  await node.untilPhase('third', 'Succeeded');
});
