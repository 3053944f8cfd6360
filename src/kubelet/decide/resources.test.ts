import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodSpec } from '#api/generated/types.gen.ts';
import { storedPod } from '#testing/objects.ts';
import { containerResources, podResources } from './resources.ts';

const swap = { behavior: 'NoSwap', isCgroupV2: false, memoryBytes: 2 ** 30, swapBytes: 0 } as const;

const allocatable = { cpu: '1', 'hugepages-2Mi': '8Mi', 'hugepages-1Gi': '0' };

function limitsOf(limits: Record<string, string>, spec: Partial<PodSpec> = {}) {
  const container = { name: 'c', resources: { limits } };
  const pod = storedPod('p', { spec: { containers: [container], ...spec } });
  return containerResources(pod, container, swap, allocatable).hugepageLimits;
}

test('huge pages – no limit of a size – the container gets none of it', () => {
  assert.deepEqual(limitsOf({}), [
    { pageSize: '2MB', limit: 0 },
    { pageSize: '1GB', limit: 0 },
  ]);
});

test('huge pages – a limit of the container, else of the pod – the container gets as many', () => {
  const podLimits = { resources: { limits: { 'hugepages-2Mi': '6Mi' } } };
  const first = (...args: Parameters<typeof limitsOf>) => limitsOf(...args)?.[0]?.limit;
  assert.equal(first({ 'hugepages-2Mi': '4Mi' }), 4 * 2 ** 20);
  assert.equal(first({}, podLimits), 6 * 2 ** 20);
  assert.equal(first({ 'hugepages-2Mi': '4Mi' }, podLimits), 4 * 2 ** 20);
});

const podOf = (spec: Partial<PodSpec>) => storedPod('p', { spec: { containers: [], ...spec } });
const limited = { name: 'a', resources: { requests: { cpu: '100m' }, limits: { cpu: '1', memory: '1Mi' } } };

test('a pod’s control group – every container is limited – the limits are summed', () => {
  const pod = podOf({ containers: [limited, { ...limited, name: 'b' }], overhead: { memory: '1Mi' } });
  const expected = { milliCpuRequest: 200, milliCpuLimit: 2000, memoryLimitBytes: 3 * 2 ** 20 };
  assert.deepEqual(podResources(pod), expected);
});

test('a pod’s control group – a container has no limit – neither has the pod', () => {
  const pod = podOf({ containers: [limited, { name: 'b' }] });
  assert.deepEqual(podResources(pod), { milliCpuRequest: 100, milliCpuLimit: 0, memoryLimitBytes: 0 });
});

test('a pod’s control group – the pod has a limit as a whole – it counts', () => {
  const pod = podOf({ containers: [{ name: 'b' }], resources: { limits: { cpu: '3' } } });
  assert.deepEqual(podResources(pod), { milliCpuRequest: 0, milliCpuLimit: 3000, memoryLimitBytes: 0 });
});
