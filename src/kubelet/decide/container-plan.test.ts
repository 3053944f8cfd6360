import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodSpec } from '#api/generated/types.gen.ts';
import { storedPod } from '#testing/objects.ts';
import { containerHash } from '../pod/pod.ts';
import type { PodView } from '../runtime/pod-view.ts';
import type { ContainerStatus, SandboxStatus } from '../runtime/runtime.ts';
import { hashAnnotation, type PodPlan, type ProbeVerdict, planPod } from './container-plan.ts';

const readySandbox: SandboxStatus = {
  id: 's0',
  ready: true,
  name: 'p',
  namespace: 'd',
  podUid: 'u',
  attempt: 0,
  createdAtMs: 1,
  annotations: {},
  ips: ['10.0.0.2'],
  hostNetwork: false,
};

const podWith = (spec: Partial<PodSpec>) =>
  storedPod('p', {
    metadata: { namespace: 'd', uid: 'u' },
    spec: { containers: [{ name: 'a', image: 'i' }], ...spec },
  });

/** `a:running`, `a:exited:1`. */
function viewOf(sandboxes: SandboxStatus[], ...containers: string[]): PodView {
  return {
    sandboxes,
    containers: containers.map((text, index): ContainerStatus => {
      const [name = '', state = '', exitCode = '0'] = text.split(':');
      return {
        id: `${name}-id`,
        sandboxId: 's0',
        podUid: 'u',
        podName: 'p',
        podNamespace: 'd',
        name,
        attempt: 0,
        state: state as ContainerStatus['state'],
        createdAtMs: 100 - index,
        image: 'i',
        imageRef: 'i',
        annotations: { [hashAnnotation]: containerHash({ name, image: 'i' }) },
        startedAtMs: 1,
        finishedAtMs: 2,
        exitCode: Number(exitCode),
        reason: '',
        message: '',
        logPath: '',
      };
    }),
  };
}

function printed(plan: PodPlan): string {
  const parts = [
    plan.killPod ? 'kill pod' : '',
    plan.newSandboxAttempt === undefined ? '' : `sandbox ${plan.newSandboxAttempt}`,
    ...plan.kill.map((kill) => `kill ${kill.name} (${kill.message})`),
    ...plan.start.map((container) => `start ${container.name}`),
  ];
  return parts.filter(Boolean).join(', ');
}

const a = { name: 'a', image: 'i' };
const b = { name: 'b', image: 'i' };
const init = (name: string) => ({ name, image: 'i' });
const sidecar = (name: string) => ({ name, image: 'i', restartPolicy: 'Always' });
const dead = { ...readySandbox, ready: false };
const ready = [readySandbox];

const table: [what: string, spec: Partial<PodSpec>, view: PodView, expected: string][] = [
  ['nothing there', {}, viewOf([]), 'kill pod, sandbox 0, start a'],
  ['a sandbox only', {}, viewOf(ready), 'start a'],
  ['all runs', {}, viewOf(ready, 'a:running'), ''],
  ['ended, Always', {}, viewOf(ready, 'a:exited:0'), 'start a'],
  ['ended well, OnFailure', { restartPolicy: 'OnFailure' }, viewOf(ready, 'a:exited:0'), 'kill pod'],
  ['failed, OnFailure', { restartPolicy: 'OnFailure' }, viewOf(ready, 'a:exited:1'), 'start a'],
  ['failed, Never', { restartPolicy: 'Never' }, viewOf(ready, 'a:exited:1'), 'kill pod'],
  [
    'one ended, one runs, Never',
    { restartPolicy: 'Never', containers: [a, b] },
    viewOf(ready, 'a:exited:1', 'b:running'),
    '',
  ],
  ['dead sandbox', {}, viewOf([dead], 'a:exited:137'), 'kill pod, sandbox 1, start a'],
  ['dead sandbox, Never', { restartPolicy: 'Never' }, viewOf([dead], 'a:exited:137'), 'kill pod'],
  ['dead sandbox, all done', { restartPolicy: 'OnFailure' }, viewOf([dead], 'a:exited:0'), 'kill pod'],
  ['new pod with init', { initContainers: [init('i')] }, viewOf([]), 'kill pod, sandbox 0, start i'],
  ['init runs', { initContainers: [init('i')] }, viewOf(ready, 'i:running'), ''],
  ['init failed', { initContainers: [init('i')] }, viewOf(ready, 'i:exited:1'), 'start i'],
  [
    'init failed, Never',
    { restartPolicy: 'Never', initContainers: [init('i')] },
    viewOf(ready, 'i:exited:1'),
    'kill pod',
  ],
  ['first init done', { initContainers: [init('i'), init('j')] }, viewOf(ready, 'i:exited:0'), 'start j'],
  ['all init done', { initContainers: [init('i')] }, viewOf(ready, 'i:exited:0'), 'start a'],
  ['sidecar runs', { initContainers: [sidecar('s')] }, viewOf(ready, 's:running'), 'start a'],
  [
    'sidecar ended later',
    { initContainers: [sidecar('s')] },
    viewOf(ready, 'a:running', 's:exited:1'),
    'start s',
  ],
  [
    'only sidecars left, Never',
    { restartPolicy: 'Never', initContainers: [sidecar('s')] },
    viewOf(ready, 'a:exited:0', 's:running'),
    'kill pod',
  ],
];

for (const [what, spec, view, expected] of table) {
  test(what, () => {
    const quiet = { liveness: () => undefined, startup: () => undefined };
    assert.equal(printed(planPod(podWith(spec), view, quiet)), expected);
  });
}

test('a container – its liveness probe has failed – is killed and restarted', () => {
  const failing = { liveness: (): ProbeVerdict => 'failure', startup: () => undefined };
  const plan = planPod(podWith({}), viewOf(ready, 'a:running'), failing);
  assert.equal(printed(plan), 'kill a (Container a failed liveness probe, will be restarted), start a');
});

test('a container – its image has changed – is killed and restarted', () => {
  const quiet = { liveness: () => undefined, startup: () => undefined };
  const changed = podWith({ restartPolicy: 'Never', containers: [{ name: 'a', image: 'other' }] });
  const plan = planPod(changed, viewOf(ready, 'a:running'), quiet);
  assert.equal(printed(plan), 'kill a (Container a definition changed, will be restarted), start a');
});
