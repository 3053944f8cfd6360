import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readKubeletConfiguration } from '#api/configuration/kubelet/kubelet-configuration.ts';
import type { MachineFacts } from '#host/kernel/machine-facts.ts';
import { nodeFacts } from './node-facts.ts';

const machine: MachineFacts = {
  cpus: 4,
  memoryBytes: 8 * 2 ** 30,
  diskBytes: 100 * 2 ** 30,
  swapBytes: 0,
  hugePages: [{ size: '2Mi', bytes: 0 }],
  machineId: 'm',
  systemUuid: 's',
  bootId: 'b',
  kernelVersion: 'k',
  osImage: 'o',
  architecture: 'amd64',
};

function factsOf(kubelet: Parameters<typeof readKubeletConfiguration>[0]) {
  const options = { nodeName: 'n1', nodeIp: '10.0.0.1', config: readKubeletConfiguration(kubelet) };
  return nodeFacts({ ...options, labels: { 'kubernetes.io/hostname': 'host-1' } }, machine, 10250);
}

test('a node – with reserved resources – offers pods its capacity without them and without what is kept free', () => {
  const { capacity, allocatable, labels } = factsOf({
    systemReserved: { cpu: '500m', memory: '1Gi' },
    evictionHard: { 'memory.available': '1Gi' },
  });
  assert.deepEqual(capacity, {
    cpu: '4',
    memory: '8388608Ki',
    'ephemeral-storage': '104857600Ki',
    pods: '110',
    'hugepages-2Mi': '0',
  });
  assert.deepEqual([allocatable['cpu'], allocatable['memory']], ['3500m', '6Gi']);
  assert.equal(labels['kubernetes.io/hostname'], 'host-1');
});

test('a node – more is reserved than it has – does not start', () => {
  assert.throws(() => factsOf({ systemReserved: { cpu: '5' } }), {
    message:
      'invalid Node Allocatable configuration. Resource "cpu" has a reservation of 5 but capacity of 4. ' +
      'Expected capacity >= reservation.',
  });
});
