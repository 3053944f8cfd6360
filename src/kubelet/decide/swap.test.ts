import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Container, PodSpec } from '#api/generated/types.gen.ts';
import { storedPod } from '#testing/objects.ts';
import { type SwapRules, swapResources } from './swap.ts';

const gibi = 2 ** 30;
const onV2: SwapRules = {
  behavior: 'LimitedSwap',
  isCgroupV2: true,
  memoryBytes: 8 * gibi,
  swapBytes: 4 * gibi,
};
const memory = (request?: string, limit?: string): Container => ({
  name: 'main',
  resources: {
    ...(request ? { requests: { memory: request } } : {}),
    ...(limit ? { limits: { memory: limit } } : {}),
  },
});
const swapMax = (bytes: number) => ({ unified: { 'memory.swap.max': String(bytes) } });

const table: [
  what: string,
  rules: Partial<SwapRules>,
  container: Container,
  more: Partial<PodSpec>,
  resources: object,
][] = [
  ['a burstable container, by its request', {}, memory('2Gi'), {}, swapMax(gibi)],
  ['one with a higher limit', {}, memory('1Gi', '4Gi'), {}, swapMax(gibi / 2)],
  ['one whose request is its limit', {}, memory('1Gi', '1Gi'), {}, swapMax(0)],
  ['a container without requests', {}, memory(), {}, swapMax(0)],
  ['a container of a critical pod', {}, memory('2Gi'), { priority: 2_000_000_000 }, swapMax(0)],
  ['any container, with NoSwap', { behavior: 'NoSwap' }, memory('2Gi'), {}, swapMax(0)],
  ['a node without swap', { swapBytes: 0 }, memory('2Gi'), {}, swapMax(0)],
  ['cgroup v1', { isCgroupV2: false }, memory('1Gi', '2Gi'), {}, { memorySwapLimitInBytes: 2 * gibi }],
  ['cgroup v1, without a limit', { isCgroupV2: false }, memory('1Gi'), {}, {}],
];

for (const [what, rules, container, more, resources] of table) {
  test(`swap – ${what} – gets ${JSON.stringify(resources)}`, () => {
    const pod = storedPod('p', { spec: { containers: [container], ...more } });
    assert.deepEqual(swapResources({ ...onV2, ...rules }, pod, container), resources);
  });
}
