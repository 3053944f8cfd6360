/** How containers end: what each restart policy makes of it, and the message they leave. */

import assert from 'node:assert/strict';
import { pods } from '#api/generated/kinds.gen.ts';
import type { Container } from '#api/generated/types.gen.ts';
import { type Behaviour, type BehaviourContext, behaviour } from '../../behaviour.ts';
import { getPod, inPhase, isReady, podOf, shell, statusOf } from '../running.ts';

/** Fails the first time, succeeds the second, then runs on. */
const threeLives = `
echo started >> /lives/count
case $(wc -l < /lives/count) in 1) exit 1 ;; 2) exit 0 ;; esac
exec sleep 100000`;

const expectations = [
  { restartPolicy: 'Always', phase: 'Running', restarts: 2, ready: true, state: 'running' },
  { restartPolicy: 'OnFailure', phase: 'Succeeded', restarts: 1, ready: false, state: 'terminated' },
  { restartPolicy: 'Never', phase: 'Failed', restarts: 0, ready: false, state: 'terminated' },
] as const;

async function provesRestarts(
  context: BehaviourContext,
  { restartPolicy, phase, restarts, ready, state }: (typeof expectations)[number],
): Promise<void> {
  const name = `lives-${restartPolicy.toLowerCase()}`;
  const container = { command: shell(threeLives), volumeMounts: [{ name: 'lives', mountPath: '/lives' }] };
  const spec = { restartPolicy, volumes: [{ name: 'lives', emptyDir: {} }] };
  await context.client.create(pods, podOf(context, name, container, spec));
  const check = async () => {
    const found = await getPod(context, name);
    const status = statusOf(found);
    const reported = JSON.stringify(found.status);
    assert.equal(found.status?.phase, phase, reported);
    assert.equal(status.restartCount, restarts, reported);
    assert.equal(isReady(found), ready, reported);
    assert.ok(status.state?.[state], reported);
    return true;
  };
  await context.eventually(`a pod with ${restartPolicy} settles`, check, 120_000);
}

async function leaves(
  context: BehaviourContext,
  container: Partial<Container>,
  phase: 'Succeeded' | 'Failed',
  message: string,
): Promise<void> {
  const made = podOf(context, 'ending', { terminationMessagePolicy: 'FallbackToLogsOnError', ...container });
  await context.client.create(pods, made);
  const { state } = statusOf(await inPhase(context, 'ending', phase));
  assert.equal(state?.terminated?.message ?? '', message);
}

const blackbox = '[sig-node] Container Runtime blackbox test on terminated container should report';

export const runtime: readonly Behaviour[] = [
  behaviour(
    '[sig-node] Container Runtime blackbox test when starting a container that exits should run with the expected status [NodeConformance] [Conformance]',
    async (context) => {
      await Promise.all(expectations.map((expected) => provesRestarts(context, expected)));
    },
  ),
  behaviour(
    `${blackbox} termination message if TerminationMessagePath is set as non-root user and at a non-default path [NodeConformance] [Conformance]`,
    (context) => {
      const container: Partial<Container> = {
        command: shell('printf DONE > /dev/termination-custom-log'),
        terminationMessagePath: '/dev/termination-custom-log',
        terminationMessagePolicy: 'File',
        securityContext: { runAsUser: 1000 },
      };
      return leaves(context, container, 'Succeeded', 'DONE');
    },
  ),
  behaviour(
    `${blackbox} termination message from log output if TerminationMessagePolicy FallbackToLogsOnError is set [NodeConformance] [Conformance]`,
    (context) => leaves(context, { command: shell('printf DONE; exit 1') }, 'Failed', 'DONE'),
  ),
  behaviour(
    `${blackbox} termination message as empty when pod succeeds and TerminationMessagePolicy FallbackToLogsOnError is set [NodeConformance] [Conformance]`,
    (context) => leaves(context, { command: shell('printf DONE') }, 'Succeeded', ''),
  ),
  behaviour(
    `${blackbox} termination message from file when pod succeeds and TerminationMessagePolicy FallbackToLogsOnError is set [NodeConformance] [Conformance]`,
    (context) =>
      leaves(context, { command: shell('echo no; printf OK > /dev/termination-log') }, 'Succeeded', 'OK'),
  ),
];
