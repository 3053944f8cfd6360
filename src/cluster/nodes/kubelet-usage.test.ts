import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NodePod } from '#kubelet/pod/pod.ts';
import type { MeasuredContainer, Usage } from '#kubelet/usage/usage.ts';
import { KubeletUsage } from './kubelet-usage.ts';

const usage = { rate: { windowMs: 10_000, nanoCores: 5 }, workingSetBytes: 7 } as Usage;
const container = (pod: string, name: string, rate = usage.rate) =>
  ({
    pod: { metadata: { namespace: 'default', name: pod, uid: `uid of ${pod} on the node` } } as NodePod,
    name,
    usage: { ...usage, rate },
  }) as MeasuredContainer;

function nodesWith(containers: readonly MeasuredContainer[]): KubeletUsage {
  const nodes = new KubeletUsage();
  const rates = async () => ({ atMs: 1, node: usage, containers });
  nodes.add({ name: 'n', usage: { rates } } as unknown as Parameters<KubeletUsage['add']>[0]);
  return nodes;
}

test('stats of a node – of pods – are found by the name that the API has for a pod', async () => {
  const found = await nodesWith([
    container('a', 'main'),
    container('a', 'side'),
    container('b', 'main'),
  ]).read('n');
  const names = [...(found?.pods ?? [])].map(([key, stats]) => [key, stats.map(({ name }) => name)]);
  assert.deepEqual(names, [
    ['default/a', ['main', 'side']],
    ['default/b', ['main']],
  ]);
  assert.deepEqual(found?.node, { timestampMs: 1, windowMs: 10_000, cpuNanoCores: 5, memoryBytes: 7 });
});

test('stats of a node – of a pod with a container that has no window yet – leave the pod out', async () => {
  const found = await nodesWith([
    container('a', 'main'),
    { ...container('a', 'new'), usage: { workingSetBytes: 7 } as Usage },
  ]).read('n');
  assert.equal(found?.pods.size, 0);
});

test('stats of a node – that nothing measures – are none', async () => {
  assert.equal(await new KubeletUsage().read('n'), undefined);
});
