import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readKubeletConfiguration } from '#api/configuration/kubelet/kubelet-configuration.ts';
import type { Container, PodSpec } from '#api/generated/types.gen.ts';
import { startedContainers } from '#api/pods/containers.ts';
import { cpuListText, parseCpuList } from '#base/text/cpu-list.ts';
import { cpuPlaces } from '#testing/kubelet/cpus.ts';
import { storedPod } from '#testing/objects.ts';
import type { JsonObject } from '#wire/json/value.ts';
import type { NodePod } from '../../pod/pod.ts';
import { type CpuState, emptyState, release } from './state.ts';
import { assignContainer, initialState, type StaticPolicy, staticPolicy } from './static-policy.ts';
import { CpuTopology } from './topology.ts';

/** Threads 0 and 4, 1 and 5, … share a core. */
const machine = new CpuTopology(
  cpuPlaces({ sockets: 1, numaNodes: 1, coresPerSocket: 4, threadsPerCore: 2 }),
);

function policyOf(section: JsonObject = {}) {
  const whole = { cpuManagerPolicy: 'static', systemReserved: 'cpu=1', ...section };
  return staticPolicy(readKubeletConfiguration(whole).cpus, machine);
}

function sized(name: string, cpu: string, more: Partial<Container> = {}): Container {
  const amounts = { cpu, memory: '64Mi' };
  return { name, resources: { requests: amounts, limits: amounts }, ...more };
}

const podOf = (spec: Partial<PodSpec>, uid = 'u') =>
  storedPod('p', { metadata: { uid }, spec: { containers: [], ...spec } });

function written({ shared, exclusive }: CpuState) {
  const lists = Array.from(exclusive, ([uid, containers]) =>
    Array.from(containers, ([name, cpus]) => `${uid}/${name}=${cpuListText(cpus)}`),
  );
  return [cpuListText(shared), ...lists.flat()].join(' ');
}

function assignPod(policy: StaticPolicy, before: CpuState, pod: NodePod): CpuState {
  return startedContainers(pod.spec).reduce(
    (state, container) => assignContainer(policy, state, pod, container),
    before,
  );
}

const sidecar = { restartPolicy: 'Always' };

const rows: [what: string, spec: Partial<PodSpec>, section: JsonObject, state: string][] = [
  ['one processor', { containers: [sized('a', '1')] }, {}, '0-3,5-7 u/a=4'],
  ['a whole core', { containers: [sized('a', '2')] }, {}, '0,2-4,6-7 u/a=1,5'],
  ['all but the reserved one', { containers: [sized('a', '7')] }, {}, '0 u/a=1-7'],
  ['two containers', { containers: [sized('a', '2'), sized('b', '1')] }, {}, '0,2-3,6-7 u/a=1,5 u/b=4'],
  ['a part of a processor', { containers: [sized('a', '1500m')] }, {}, '0-7'],
  ['whole processors and a part', { containers: [sized('a', '1'), sized('b', '100m')] }, {}, '0-3,5-7 u/a=4'],
  [
    'a Burstable pod',
    { containers: [{ name: 'a', resources: { requests: { cpu: '1' }, limits: { cpu: '2' } } }] },
    {},
    '0-7',
  ],
  [
    'a pod with resources of its own',
    {
      containers: [sized('a', '1')],
      resources: { requests: { cpu: '1', memory: '64Mi' }, limits: { cpu: '1', memory: '64Mi' } },
    },
    {},
    '0-7',
  ],
  [
    'an init container, whose processors are used again',
    { initContainers: [sized('i', '2')], containers: [sized('a', '1'), sized('b', '2')] },
    {},
    '0,2-3,6-7 u/i=1,5 u/a=4 u/b=1,5',
  ],
  [
    'a restartable init container, whose processors stay its own',
    { initContainers: [sized('s', '2', sidecar)], containers: [sized('a', '2')] },
    {},
    '0,3-4,7 u/s=1,5 u/a=2,6',
  ],
  [
    'named reserved processors',
    { containers: [sized('a', '2')] },
    { reservedSystemCPUs: '1,5' },
    '1-3,5-7 u/a=0,4',
  ],
  [
    'strictly reserved processors',
    { containers: [sized('a', '2')] },
    { cpuManagerPolicyOptions: { 'strict-cpu-reservation': 'true' } },
    '2-4,6-7 u/a=1,5',
  ],
  [
    'whole cores only',
    { containers: [sized('a', '4')] },
    { cpuManagerPolicyOptions: { 'full-pcpus-only': 'true' } },
    '0,3-4,7 u/a=1-2,5-6',
  ],
];

for (const [what, spec, section, state] of rows) {
  test(`the static policy – ${what} – leaves ${state}`, () => {
    const policy = policyOf(section);
    assert.equal(written(assignPod(policy, initialState(policy, emptyState), podOf(spec))), state);
  });
}

const fullCores = { cpuManagerPolicyOptions: { 'full-pcpus-only': 'true' } };

const rejected: [what: string, cpu: string, section: JsonObject, message: string][] = [
  ['more than there are', '8', {}, 'not enough cpus available to satisfy request: requested=8, available=7'],
  ['half a core', '3', fullCores, 'SMT Alignment Error: requested 3 cpus not multiple cpus per core = 2'],
  [
    'more whole cores than there are',
    '8',
    fullCores,
    'SMT Alignment Error: not enough free physical CPUs: available physical CPUs = 6, requested CPUs = 8, CPUs per core = 2',
  ],
];

for (const [what, cpu, section, message] of rejected) {
  test(`the static policy – ${what} – is refused: ${message}`, () => {
    const policy = policyOf(section);
    const pod = podOf({ containers: [sized('a', cpu)] });
    assert.throws(() => assignPod(policy, initialState(policy, emptyState), pod), { message });
  });
}

test('an assigned pod – seen again – keeps its processors', () => {
  const policy = policyOf();
  const pod = podOf({ initContainers: [sized('i', '2')], containers: [sized('a', '3')] });
  const state = assignPod(policy, initialState(policy, emptyState), pod);
  assert.equal(written(assignPod(policy, state, pod)), written(state));
});

test('processors – released by an init container – stay with the container that uses them again', () => {
  const policy = policyOf();
  const pod = podOf({ initContainers: [sized('i', '4')], containers: [sized('a', '2')] });
  const state = assignPod(policy, initialState(policy, emptyState), pod);
  assert.equal(written(state), '0,3-4,7 u/i=1-2,5-6 u/a=1,5');
  assert.equal(written(release(state, 'u', 'i')), '0,2-4,6-7 u/a=1,5');
  assert.equal(written(release(release(state, 'u', 'i'), 'u', 'a')), '0-7');
  assert.equal(release(state, 'other', 'a'), state);
});

const stateOf = (shared: string, own?: string): CpuState => ({
  shared: parseCpuList(shared),
  exclusive: new Map(own ? [['u', new Map([['a', parseCpuList(own)]])]] : []),
});

const refused: [what: string, state: CpuState, section: JsonObject, message: string][] = [
  ['no pool beside an assignment', stateOf('', '1'), {}, 'default cpuset cannot be empty'],
  [
    'a reserved processor of a container',
    stateOf('1-7', '0'),
    {},
    'not all reserved cpus: "0" are present in defaultCpuSet: "1-7"',
  ],
  [
    'a strictly reserved processor in the pool',
    stateOf('0-7'),
    { cpuManagerPolicyOptions: { 'strict-cpu-reservation': 'true' } },
    'some of strictly reserved cpus: "0" are present in defaultCpuSet: "0-7"',
  ],
  [
    'a processor of two',
    stateOf('0-7', '4'),
    {},
    'pod: u, container: a cpuset: "4" overlaps with default cpuset "0-7"',
  ],
  [
    'another machine',
    stateOf('0-3', '4'),
    {},
    'current set of available CPUs "0-7" doesn\'t match with CPUs in state "0-4"',
  ],
];

for (const [what, state, section, message] of refused) {
  test(`the state of an earlier kubelet – ${what} – is refused: ${message}`, () =>
    assert.throws(() => initialState(policyOf(section), state), { message }));
}

test('the state of an earlier kubelet – of this machine – is kept', () => {
  const state = stateOf('0-3,5-7', '4');
  assert.equal(initialState(policyOf(), state), state);
});

const reservations: [what: string, section: JsonObject, message: string][] = [
  [
    'more than the machine has',
    { systemReserved: 'cpu=9' },
    'new static policy error: [cpumanager] unable to reserve the required amount of CPUs (size of 0-7 did not equal 9)',
  ],
  [
    'processors that the machine has not',
    { reservedSystemCPUs: '7-8' },
    'reserved-cpus: 7-8 is not a subset of online-cpus: 0-7',
  ],
];

for (const [what, section, message] of reservations) {
  test(`a reservation – ${what} – is refused: ${message}`, () =>
    assert.throws(() => policyOf(section), { message }));
}
