import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TopologySettings } from '#api/configuration/kubelet/topology.ts';
import { storedPod } from '#testing/objects.ts';
import type { Hint, HintProvider } from './hint.ts';
import { TopologyMetrics } from './metrics.ts';
import { maskOf } from './numa-mask.ts';
import { TopologyAffinityError, TopologyManager } from './topology-manager.ts';

const nodes = [
  { id: 0, distances: [10, 20] },
  { id: 1, distances: [20, 10] },
];
const pod = storedPod('p');
const container = { name: 'main' };

const on = (...ids: number[]): Hint => ({ nodes: maskOf(ids), isPreferred: true });

/** `container`: what a manager hints for a container, `pod`: for all of them together. */
function managerOf(more: Partial<TopologySettings>, hints: { container: Hint[]; pod: Hint[] }[]) {
  const settings: TopologySettings = {
    policy: 'single-numa-node',
    scope: 'container',
    prefersClosest: false,
    numaNodesMax: 8,
    ...more,
  };
  const providers = hints.map(
    (each, i): HintProvider => ({
      hints: () => new Map([[`r${i}`, each.container]]),
      podHints: () => new Map([[`r${i}`, each.pod]]),
    }),
  );
  return new TopologyManager(settings, nodes, providers, new TopologyMetrics());
}

test('the scope container – two managers that have node 1 in common – aligns the container, not the pod', () => {
  const hints = [
    { container: [on(0), on(1)], pod: [on(0)] },
    { container: [on(1)], pod: [on(0)] },
  ];
  const manager = managerOf({}, hints);
  assert.deepEqual(manager.containerAffinity(pod, container), on(1));
  assert.equal(manager.podAffinity(pod), undefined);
});

test('the scope pod – aligned as a whole – asks nothing of containers', () => {
  const manager = managerOf({ scope: 'pod' }, [{ container: [on(1)], pod: [on(0)] }]);
  assert.deepEqual(manager.podAffinity(pod), on(0));
  assert.equal(manager.containerAffinity(pod, container), undefined);
});

test('a container – that would need both nodes – is rejected under single-numa-node and restricted, not best-effort', () => {
  const hints = [
    { container: [on(0)], pod: [] },
    { container: [on(1)], pod: [] },
  ];
  for (const policy of ['single-numa-node', 'restricted'] as const) {
    const manager = managerOf({ policy }, hints);
    assert.throws(() => manager.containerAffinity(pod, container), TopologyAffinityError);
  }
  const manager = managerOf({ policy: 'best-effort' }, hints);
  assert.equal(manager.containerAffinity(pod, container)?.isPreferred, false);
});

test('the policy none – whatever the managers hint – aligns nothing, on any number of nodes', () => {
  const manager = managerOf({ policy: 'none', numaNodesMax: 1 }, [{ container: [], pod: [] }]);
  assert.equal(manager.containerAffinity(pod, container), undefined);
});

test('a machine – of more NUMA nodes than the policy looks at – is refused', () => {
  assert.throws(() => managerOf({ numaNodesMax: 1 }, []), {
    message: 'unsupported on machines with more than 1 NUMA Nodes',
  });
});
