import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Container, PodSpec } from '#api/generated/types.gen.ts';
import { cpuPlaces } from '#testing/kubelet/cpus.ts';
import { storedPod } from '#testing/objects.ts';
import type { ResourceHints } from '../../topology/hint.ts';
import { maskOf, nodesOf } from '../../topology/numa-mask.ts';
import { containerHints, podHints } from './hints.ts';
import type { CpuState } from './state.ts';
import { assignContainer, type StaticPolicy } from './static-policy.ts';
import { CpuTopology } from './topology.ts';

/** Node 0 has the processors 0, 2 and 3 (1 is reserved) and 8 to 11, node 1 has 4 to 7 and 12 to 15. */
const topology = new CpuTopology(
  cpuPlaces({ sockets: 2, numaNodes: 2, coresPerSocket: 4, threadsPerCore: 2 }),
);
const policy: StaticPolicy = {
  topology,
  reserved: new Set([1]),
  fullCoresOnly: false,
  strictReservation: false,
  prefersOneCache: false,
};
const free: CpuState = { shared: topology.cpus, exclusive: new Map() };

function sized(name: string, cpu: string, more: Partial<Container> = {}): Container {
  const amounts = { cpu, memory: '64Mi' };
  return { name, resources: { requests: amounts, limits: amounts }, ...more };
}

const podOf = (spec: Partial<PodSpec>) => storedPod('p', { spec: { containers: [], ...spec } });
const having = (cpus: number[], name = 'a'): CpuState => ({
  shared: topology.cpus.difference(new Set(cpus)),
  exclusive: new Map([['p', new Map([[name, new Set(cpus)]])]]),
});
/** `0+ 01-`: node 0 is preferred, nodes 0 and 1 are not. */
const written = (hints: ResourceHints) =>
  hints
    .get('cpu')
    ?.map(({ nodes, isPreferred }) => `${nodesOf(nodes ?? 0n).join('')}${isPreferred ? '+' : '-'}`)
    .join(' ');

const rows: [what: string, state: CpuState, cpu: string, hints: string | undefined][] = [
  ['that fit into each node', free, '2', '0+ 1+ 01-'],
  ['that fit into one node', free, '8', '1+ 01-'],
  ['that need both nodes', free, '15', '01+'],
  ['more than there are', free, '16', ''],
  ['that would fit into a node that is in use', having([4, 5, 6, 7, 12, 13, 14, 15], 'x'), '8', ''],
  ['none of its own', free, '500m', undefined],
  ['that it has', having([4, 5]), '2', '1+ 01-'],
  ['that it has in another number', having([4, 5, 6]), '2', ''],
];

for (const [what, state, cpu, hints] of rows) {
  test(`hints of processors – ${what} – are ${hints || 'none'}`, () => {
    const container = sized('a', cpu);
    const pod = podOf({ containers: [container] });
    assert.equal(written(containerHints(policy, state, pod, container)), hints);
  });
}

test('hints of processors – of an init container – hold for the next container', () => {
  const [init, main] = [sized('i', '2'), sized('a', '2')];
  const pod = podOf({ initContainers: [init], containers: [main] });
  assert.equal(written(containerHints(policy, having([4, 5], 'i'), pod, main)), '1+ 01-');
});

test('hints of processors – of a pod – are for the containers that run together', () => {
  const initContainers = [sized('i', '3'), sized('s', '2', { restartPolicy: 'Always' })];
  const pod = podOf({ initContainers, containers: [sized('a', '3'), sized('b', '3')] });
  assert.equal(written(podHints(policy, free, pod)), '1+ 01-');
  assert.equal(written(podHints(policy, having([4, 5, 6], 'a'), pod)), '1+ 01-');
  assert.equal(written(podHints(policy, having([4], 'a'), pod)), '');
});

test('processors – with an affinity – are taken there first, then elsewhere', () => {
  const cpusOf = (cpu: string, affinity: number[]) => {
    const container = sized('a', cpu);
    const pod = podOf({ containers: [container] });
    const state = assignContainer(policy, free, pod, container, maskOf(affinity));
    return [...(state.exclusive.get('p')?.get('a') ?? [])].sort((a, b) => a - b);
  };
  assert.deepEqual(cpusOf('2', [1]), [4, 12]);
  assert.deepEqual(cpusOf('9', [1]), [4, 5, 6, 7, 9, 12, 13, 14, 15]);
});
