import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerStatus, PodCondition, PodSpec } from '#api/generated/types.gen.ts';
import { type PodTraits, storedPod } from '#testing/objects.ts';
import { podConditions } from './conditions.ts';

const now = '2026-01-01T00:00:10Z';
const earlier = '2026-01-01T00:00:00Z';
const containers: PodSpec['containers'] = [{ name: 'web' }, { name: 'log' }];

function status(name: string, facts: Partial<ContainerStatus> = {}): ContainerStatus {
  return { name, image: '', imageID: '', ready: false, restartCount: 0, ...facts };
}

const running = (name: string) => status(name, { ready: true, started: true, state: { running: {} } });
const bothRunning = [running('web'), running('log')];

type Input = Parameters<typeof podConditions>[0];

/** One condition of a pod whose containers run, unless `facts` say otherwise; without its type and time. */
function conditionOf(type: string, facts: Partial<Omit<Input, 'pod'>>, traits: PodTraits = {}) {
  const pod = storedPod('p', { ...traits, spec: { containers, ...traits.spec } });
  const input: Input = {
    pod,
    phase: 'Running',
    init: [],
    main: bothRunning,
    sandboxReady: true,
    now,
    ...facts,
  };
  const found = podConditions(input).find((condition) => condition.type === type);
  if (!found) return undefined;
  const { type: _type, lastTransitionTime: _time, ...said } = found;
  return said;
}

const isTrue = { status: 'True' };
const isFalse = { status: 'False' };
const init: Partial<PodSpec> = { initContainers: [{ name: 'first' }, { name: 'second' }] };
const sidecar: Partial<PodSpec> = { initContainers: [{ name: 'proxy', restartPolicy: 'Always' }] };
const gates: Partial<PodSpec> = { readinessGates: [{ conditionType: 'a' }, { conditionType: 'b' }] };
const gateOf = (type: string, value: string): PodCondition => ({ type, status: value });

const unready = {
  status: 'False',
  reason: 'ContainersNotReady',
  message: 'containers with unready status: [log]',
};
const firstRuns = [status('first', { state: { running: {} } })];

for (const [what, type, facts, traits, expected] of [
  ['with a sandbox', 'PodReadyToStartContainers', {}, {}, isTrue],
  ['without a sandbox', 'PodReadyToStartContainers', { sandboxReady: false }, {}, isFalse],
  ['on its node', 'PodScheduled', {}, {}, isTrue],
  ['without init containers', 'Initialized', { main: [], phase: 'Pending' }, {}, isTrue],
  [
    'with init containers under way',
    'Initialized',
    { init: firstRuns, main: [], phase: 'Pending' },
    { spec: init },
    {
      status: 'False',
      reason: 'ContainersNotInitialized',
      message: 'containers with incomplete status: [first second]',
    },
  ],
  ['that runs, its init containers forgotten', 'Initialized', {}, { spec: init }, isTrue],
  [
    'that succeeded, its init containers forgotten',
    'Initialized',
    { phase: 'Succeeded' },
    { spec: init },
    { status: 'True', reason: 'PodCompleted' },
  ],
  [
    'with a started sidecar',
    'Initialized',
    { init: [running('proxy')], main: [] },
    { spec: sidecar },
    isTrue,
  ],
  ['whose containers are ready', 'ContainersReady', {}, {}, isTrue],
  ['with an unready container', 'ContainersReady', { main: [running('web')] }, {}, unready],
  [
    'with an unready sidecar',
    'ContainersReady',
    { init: [status('proxy')] },
    { spec: sidecar },
    { ...unready, message: 'containers with unready status: [proxy]' },
  ],
  [
    'that succeeded',
    'ContainersReady',
    { phase: 'Succeeded' },
    {},
    { status: 'False', reason: 'PodCompleted' },
  ],
  ['that failed', 'ContainersReady', { phase: 'Failed' }, {}, { status: 'False', reason: 'PodFailed' }],
  ['whose containers are ready', 'Ready', {}, {}, isTrue],
  ['with an unready container', 'Ready', { main: [running('web')] }, {}, unready],
  [
    'with one gate that is closed',
    'Ready',
    {},
    { spec: gates, status: { conditions: [gateOf('a', 'True'), gateOf('b', 'False')] } },
    {
      status: 'False',
      reason: 'ReadinessGatesNotReady',
      message: 'the status of pod readiness gate "b" is not "True", but False',
    },
  ],
  [
    'with two gates that are closed',
    'Ready',
    {},
    { spec: gates, status: { conditions: [gateOf('b', 'Unknown')] } },
    {
      status: 'False',
      reason: 'ReadinessGatesNotReady',
      message:
        '[corresponding condition of pod readiness gate "a" does not exist., ' +
        'the status of pod readiness gate "b" is not "True", but Unknown]',
    },
  ],
  ['that no rule restarts', 'AllContainersRestarting', {}, {}, undefined],
  ['that is not being restarted', 'AllContainersRestarting', { restartsAll: false }, {}, isFalse],
  [
    'that is being restarted',
    'AllContainersRestarting',
    { restartsAll: true },
    {},
    {
      status: 'True',
      reason: 'RestartAllContainersStarted',
      message: 'container exited with restart policy rule',
    },
  ],
  [
    'that the kubelet ends',
    'DisruptionTarget',
    { disruption: 'the node is short of memory' },
    {},
    { status: 'True', reason: 'TerminationByKubelet', message: 'the node is short of memory' },
  ],
  ['that the kubelet does not end', 'DisruptionTarget', {}, {}, undefined],
] as const satisfies readonly (readonly [string, string, Partial<Input>, PodTraits, object | undefined])[]) {
  const said: Partial<PodCondition> = expected ?? {};
  test(`${type} – of a pod ${what} – is ${said.reason ?? said.status ?? 'absent'}`, () => {
    assert.deepEqual(conditionOf(type, facts, traits), expected);
  });
}

/** When the pod became ready, and the generation that is reported. */
function readyOf(conditions: PodCondition[], generation?: number): unknown[] {
  const pod = storedPod('p', {
    spec: { containers },
    status: { conditions },
    ...(generation === undefined ? {} : { metadata: { generation } }),
  });
  const found = podConditions({
    pod,
    phase: 'Running',
    init: [],
    main: bothRunning,
    sandboxReady: true,
    now,
  });
  const ready = found.find(({ type }) => type === 'Ready');
  return [ready?.lastTransitionTime, ready?.observedGeneration];
}

test('a condition – that has not changed – keeps its time', () =>
  assert.deepEqual(readyOf([{ type: 'Ready', status: 'True', lastTransitionTime: earlier }]), [
    earlier,
    undefined,
  ]));

test('a condition – that has changed – has the time of now, and the generation of its pod', () =>
  assert.deepEqual(readyOf([{ type: 'Ready', status: 'False', lastTransitionTime: earlier }], 3), [now, 3]));
