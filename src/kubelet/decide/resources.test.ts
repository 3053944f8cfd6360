import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodSpec } from '#api/generated/types.gen.ts';
import type { NodePod } from '../pod/pod.ts';
import { containerResources } from './resources.ts';

const allocatable = { cpu: '1', 'hugepages-2Mi': '8Mi', 'hugepages-1Gi': '0' };

function limitsOf(limits: Record<string, string>, spec: Partial<PodSpec> = {}) {
  const container = { name: 'c', resources: { limits } };
  const pod = { metadata: {}, spec: { containers: [container], ...spec } } as unknown as NodePod;
  return containerResources(pod, container, 2 ** 30, allocatable).hugepageLimits;
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
