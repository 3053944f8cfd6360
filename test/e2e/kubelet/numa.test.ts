/** The memory and topology managers on this machine: a Guaranteed pod has memory of its NUMA node alone. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { readKubeletConfiguration } from '#api/configuration/kubelet/kubelet-configuration.ts';
import { pods } from '#api/generated/kinds.gen.ts';
import { isCgroupV2 } from '#host/kernel/capabilities.ts';
import { readNumaMemory } from '#host/kernel/numa/memory.ts';
import { podsCgroup } from '#kubelet/machine/pod-cgroups.ts';
import { RealKubelet, shell } from '../../support/real-kubelet.ts';

const node = new RealKubelet();

before(async () => {
  const numaNode = [...(await readNumaMemory()).keys()][0]!;
  node.config = readKubeletConfiguration({
    memoryManagerPolicy: 'Static',
    systemReserved: 'memory=412Mi',
    reservedMemory: [{ numaNode, limits: { memory: '512Mi' } }],
    topologyManagerPolicy: 'single-numa-node',
  });
  await node.start();
});
after(() => node.stop());

const amounts = { cpu: '100m', memory: '32Mi' };
const sleeper = (resources: object) => ({ containers: [shell('exec sleep 1000', { resources })] });

/** The NUMA nodes of the main container, as the kernel has them. */
async function memoryNodes(name: string): Promise<string> {
  const { metadata } = await node.client.get(pods, { namespace: 'e2e', name });
  const id = (await node.containerOf(name)).containerID?.replace('containerd://', '');
  const controller = isCgroupV2() ? '' : '/cpuset';
  const pod = `/sys/fs/cgroup${controller}${podsCgroup(node.containerdOptions.cgroupRoot)}/pod${metadata.uid}`;
  return (await readFile(`${pod}/${id}/cpuset.mems`, 'utf8')).trim();
}

test('a Guaranteed pod – under the policy Static – has memory of one NUMA node, and keeps it over a restart', async () => {
  await node.create('guaranteed', sleeper({ limits: amounts }));
  await node.untilReady('guaranteed');
  const { uid } = (await node.client.get(pods, { namespace: 'e2e', name: 'guaranteed' })).metadata;
  const stateFile = `${node.dir}/kubelet/memory_manager_state`;
  const state = JSON.parse(await readFile(stateFile, 'utf8'));
  const [block] = state.entries[uid].main;
  assert.deepEqual([block.type, block.size, block.numaAffinity.length], ['memory', 32 * 2 ** 20, 1]);
  assert.equal(await memoryNodes('guaranteed'), String(block.numaAffinity[0]));
  await node.kubelet.stop();
  await node.startKubelet();
  assert.deepEqual(JSON.parse(await readFile(stateFile, 'utf8')), state);
  await node.kube(['delete', 'pod', 'guaranteed']);
});

test('a Guaranteed pod – of more memory than the NUMA node has left – is rejected', async () => {
  const memory = [...(await readNumaMemory()).values()][0]!['memory']!;
  await node.create('large', sleeper({ limits: { cpu: '100m', memory: String(memory) } }));
  await node.untilPhase('large', 'Failed');
  const { reason, message } = await node.statusOf('large');
  assert.deepEqual(
    [reason, message],
    [
      'UnexpectedAdmissionError',
      'Pod was rejected: Allocate failed due to [memorymanager] failed to get the default NUMA affinity, ' +
        'no NUMA nodes with enough memory is available, which is unexpected',
    ],
  );
});
