/** The pod conditions the kubelet owns, worded as upstream words them. */

import type { ContainerStatus, PodCondition } from '#api/generated/types.gen.ts';
import { conditionOf } from '#api/meta/conditions.ts';
import { isSidecar, sidecars } from '#api/pods/containers.ts';
import { initContainers, type NodePod } from '../pod/pod.ts';
import type { Phase } from './phase.ts';
import type { ResizeState } from './resize-state.ts';

export const ownedConditions = [
  'PodReadyToStartContainers',
  'Initialized',
  'Ready',
  'ContainersReady',
  'PodScheduled',
  'PodResizePending',
  'PodResizeInProgress',
  'AllContainersRestarting',
] as const;

/** The conditions that are removed instead of turning False. */
export const passingConditions = ['PodResizePending', 'PodResizeInProgress'] as const;

interface Input {
  readonly pod: NodePod;
  readonly phase: Phase;
  readonly init: ContainerStatus[];
  readonly main: ContainerStatus[];
  readonly sandboxReady: boolean;
  readonly resize?: ResizeState;
  /** All containers are being restarted in place; undefined for a pod of which that never happens. */
  readonly restartsAll?: boolean;
  /** Why the kubelet ended the pod for no fault of its own. */
  readonly disruption?: string;
  readonly now: string;
}

interface Verdict {
  type: string;
  status: 'True' | 'False';
  reason?: string;
  message?: string;
  /** By default that of the pod. */
  generation?: number;
}

export function podConditions(input: Input): PodCondition[] {
  const containersReady = containersReadyVerdict(input);
  const verdicts: Verdict[] = [
    { type: 'PodReadyToStartContainers', status: input.sandboxReady ? 'True' : 'False' },
    initializedVerdict(input),
    readyVerdict(input, containersReady),
    containersReady,
    { type: 'PodScheduled', status: 'True' },
    ...restartVerdicts(input),
    ...resizeVerdicts(input.resize),
    ...disruptionVerdicts(input.disruption),
  ];
  return verdicts.map((verdict) => withTimes(input, verdict));
}

function restartVerdicts({ phase, restartsAll }: Input): Verdict[] {
  const type = 'AllContainersRestarting';
  if (restartsAll === undefined) return [];
  if (phase === 'Succeeded') return [{ type, status: 'False', reason: 'PodCompleted' }];
  if (phase === 'Failed') return [{ type, status: 'False', reason: 'PodFailed' }];
  if (!restartsAll) return [{ type, status: 'False' }];
  const message = 'container exited with restart policy rule';
  return [{ type, status: 'True', reason: 'RestartAllContainersStarted', message }];
}

function resizeVerdicts({ pending, inProgress }: ResizeState = {}): Verdict[] {
  return [
    ...(pending ? [{ type: 'PodResizePending', status: 'True' as const, ...pending }] : []),
    ...(inProgress ? [{ type: 'PodResizeInProgress', status: 'True' as const, ...inProgress }] : []),
  ];
}

function disruptionVerdicts(message: string | undefined): Verdict[] {
  if (message === undefined) return [];
  return [{ type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet', message }];
}

function withTimes({ pod, now }: Input, given: Verdict): PodCondition {
  const { generation = pod.metadata.generation, ...verdict } = given;
  const old = conditionOf(pod.status, verdict.type);
  return {
    ...verdict,
    ...(generation ? { observedGeneration: generation } : {}),
    lastTransitionTime:
      old?.status === verdict.status && old.lastTransitionTime ? old.lastTransitionTime : now,
  };
}

function initializedVerdict({ pod, phase, init, main }: Input): Verdict {
  const type = 'Initialized';
  const begun = main.some(
    (status) => status.state?.running || status.state?.terminated || status.lastState?.terminated,
  );
  const unfinished = initContainers(pod).filter((container) => {
    const status = init.find((status) => status.name === container.name);
    return isSidecar(container) ? !status?.started : !status?.ready;
  });
  if (unfinished.length === 0 || (begun && phase === 'Running')) return { type, status: 'True' };
  if (phase === 'Succeeded') return { type, status: 'True', reason: 'PodCompleted' };
  return {
    type,
    status: 'False',
    reason: 'ContainersNotInitialized',
    message: `containers with incomplete status: [${unfinished.map((container) => container.name).join(' ')}]`,
  };
}

function containersReadyVerdict({ pod, phase, init, main }: Input): Verdict {
  const type = 'ContainersReady';
  if (phase === 'Succeeded') return { type, status: 'False', reason: 'PodCompleted' };
  if (phase === 'Failed') return { type, status: 'False', reason: 'PodFailed' };
  const wanted = [...sidecars(pod.spec), ...pod.spec.containers];
  const statuses = [...init, ...main];
  const unready = wanted.filter(
    (container) => !statuses.find((status) => status.name === container.name)?.ready,
  );
  if (unready.length === 0) return { type, status: 'True' };
  const message = `containers with unready status: [${unready.map((container) => container.name).join(' ')}]`;
  return { type, status: 'False', reason: 'ContainersNotReady', message };
}

function readyVerdict({ pod }: Input, containersReady: Verdict): Verdict {
  const type = 'Ready';
  if (containersReady.status === 'False') return { ...containersReady, type };
  const problems = (pod.spec.readinessGates ?? []).flatMap((gate) => {
    const condition = conditionOf(pod.status, gate.conditionType);
    if (!condition) {
      return [`corresponding condition of pod readiness gate "${gate.conditionType}" does not exist.`];
    }
    return condition.status === 'True'
      ? []
      : [`the status of pod readiness gate "${gate.conditionType}" is not "True", but ${condition.status}`];
  });
  if (problems.length === 0) return { type, status: 'True' };
  const message = problems.length === 1 ? problems[0]! : `[${problems.join(', ')}]`;
  return { type, status: 'False', reason: 'ReadinessGatesNotReady', message };
}
