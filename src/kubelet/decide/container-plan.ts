/**
 * Decides, from a pod and what the runtime knows of it, what must happen next: a new sandbox, containers to
 * kill, containers to start. Pure; the rules and their order are upstream's computePodActions.
 *
 * 1. A restart of all containers that has been triggered: remove them (`restart-all.ts`).
 * 2. No living sandbox, or one in the wrong network: kill what is left, make one, begin with the first init
 *    container.
 * 3. Init containers, one after the other; sidecars among them run on and let the next begin once they have
 *    started.
 * 4. Then all others: start what is missing or ended and has to run again, kill what changed or failed its
 *    probe.
 * 5. Nothing left that runs or will run: kill the pod.
 */

import type { Container } from '#api/generated/types.gen.ts';
import { type AnyContainer, isSidecar, lastingContainers } from '#api/pods/containers.ts';
import { restartAction } from '#api/pods/restart-rules.ts';
import { containerHash, initContainers, type NodePod, restartPolicyOf } from '../pod/pod.ts';
import { latest, type PodView } from '../runtime/pod-view.ts';
import type { ContainerStatus } from '../runtime/runtime.ts';
import { containersToReset } from './restart-all.ts';

export type ProbeVerdict = 'success' | 'failure' | 'unknown';

/** Last results of a container's probes; undefined when there is none (yet). */
export interface ProbeVerdicts {
  liveness(containerId: string): ProbeVerdict | undefined;
  startup(containerId: string): ProbeVerdict | undefined;
}

/** Containers that must be restarted to get their allocated resources. */
const none: ReadonlySet<string> = new Set();

export interface ContainerKill {
  readonly id: string;
  readonly name: string;
  /** The message of the Killing event besides `Stopping container x`. */
  readonly message: string;
  readonly reason: 'changed' | 'liveness' | 'startup' | 'unknown' | 'podKilled' | 'resize';
}

export interface PodPlan {
  killPod: boolean;
  /** Undefined when the present sandbox stays. */
  newSandboxAttempt: number | undefined;
  sandboxId: string | undefined;
  kill: ContainerKill[];
  /** In this order; an init container is waited for, a sidecar is not. */
  start: AnyContainer[];
  /** To be removed, in this order; nothing else is done then. */
  readonly reset: readonly ContainerStatus[];
}

export const hashAnnotation = 'io.kubernetes.container.hash';

export function planPod(
  pod: NodePod,
  view: PodView,
  probes: ProbeVerdicts,
  resized: ReadonlySet<string> = none,
): PodPlan {
  const { changed, attempt, sandboxId } = sandboxChange(pod, view);
  const reset = containersToReset(pod, view);
  const plan: PodPlan = {
    killPod: changed && reset.length === 0,
    newSandboxAttempt: undefined,
    sandboxId,
    kill: [],
    start: [],
    reset,
  };
  if (reset.length > 0) return plan;
  if (changed) return planNewSandbox(plan, pod, view, attempt);
  for (const container of pod.spec.ephemeralContainers ?? []) {
    if (!latest(view, container.name)) plan.start.push(container);
  }
  const initialized = planInitContainers(plan, pod, view, probes);
  if (plan.killPod || !initialized) return plan;
  planContainers(plan, pod, view, probes);
  planResizes(plan, pod, view, resized);
  return plan;
}

function sandboxChange(
  pod: NodePod,
  view: PodView,
): { changed: boolean; attempt: number; sandboxId?: string } {
  const newest = view.sandboxes[0];
  if (!newest) return { changed: true, attempt: 0 };
  const living = view.sandboxes.filter((sandbox) => sandbox.ready);
  const next = { changed: true, attempt: newest.attempt + 1, sandboxId: newest.id };
  if (living.length !== 1 || !newest.ready) return next;
  if (newest.hostNetwork !== (pod.spec.hostNetwork === true)) return next;
  if (!newest.hostNetwork && newest.ips.length === 0) return next;
  return { changed: false, attempt: newest.attempt, sandboxId: newest.id };
}

function planNewSandbox(plan: PodPlan, pod: NodePod, view: PodView, attempt: number): PodPlan {
  const mayRestart = pod.spec.restartPolicy !== 'Never';
  if (!mayRestart && attempt !== 0 && view.containers.length > 0) return plan;
  const wanted = pod.spec.containers.filter(
    (container) =>
      !(restartPolicyOf(pod, container) === 'OnFailure' && succeeded(latest(view, container.name))),
  );
  if (wanted.length === 0) return plan;
  plan.newSandboxAttempt = attempt;
  const first = initContainers(pod)[0];
  plan.start = first ? [first] : wanted;
  return plan;
}

function succeeded(status: ContainerStatus | undefined): boolean {
  return status?.state === 'exited' && status.exitCode === 0;
}

/** True when all init containers have done their part. */
function planInitContainers(plan: PodPlan, pod: NodePod, view: PodView, probes: ProbeVerdicts): boolean {
  const list = initContainers(pod);
  if (list.length === 0) return true;
  // A container of the main part exists: initialization was over before, only sidecars are looked after.
  const wasInitialized = pod.spec.containers.some((container) => latest(view, container.name));
  for (const container of list) {
    const status = latest(view, container.name);
    if (isSidecar(container)) {
      const started = planSidecar(plan, container, status, probes);
      if (!started && !wasInitialized) return false;
    } else if (!wasInitialized && !planInitContainer(plan, pod, container, status)) {
      return false;
    }
  }
  return true;
}

/** True when it has ended well. */
function planInitContainer(
  plan: PodPlan,
  pod: NodePod,
  container: Container,
  status: ContainerStatus | undefined,
): boolean {
  if (succeeded(status)) return true;
  if (!status) plan.start.push(container);
  else if (status.state === 'exited') {
    if (!restartsAfter(pod, container, status)) {
      plan.killPod = true;
      plan.start = [];
    } else plan.start.push(container);
  } else if (status.state === 'unknown') {
    plan.kill.push(
      killOf(status, 'unknown', `Init container is in "unknown" state, try killing it before restart`),
    );
    if (restartPolicyOf(pod, container) === 'Never') plan.killPod = true;
    else plan.start.push(container);
  }
  return false;
}

/** True when it has started, so that the next may begin. */
function planSidecar(
  plan: PodPlan,
  container: Container,
  status: ContainerStatus | undefined,
  probes: ProbeVerdicts,
): boolean {
  if (!status || status.state === 'exited') {
    plan.start.push(container);
    return false;
  }
  if (status.state !== 'running') return false;
  const verdict = probes.startup(status.id);
  if (container.startupProbe && verdict !== 'success' && verdict !== 'failure') return false;
  const kill = reasonToKill(container, status, probes, 'Init container');
  if (!kill) return true;
  plan.kill.push(kill);
  plan.start.push(container);
  return kill.reason !== 'startup';
}

function planContainers(plan: PodPlan, pod: NodePod, view: PodView, probes: ProbeVerdicts): void {
  let kept = 0;
  let started = 0;
  for (const container of pod.spec.containers) {
    const status = latest(view, container.name);
    if (status?.state === 'running') {
      const kill = reasonToKill(container, status, probes);
      if (!kill) {
        kept++;
        continue;
      }
      const restart = kill.reason === 'changed' || restartPolicyOf(pod, container) !== 'Never';
      plan.kill.push(restart ? { ...kill, message: `${kill.message}, will be restarted` } : kill);
      if (restart) plan.start.push(container);
      if (restart) started++;
    } else if (shouldRestart(pod, container, status)) {
      if (status?.state === 'unknown') {
        plan.kill.push(
          killOf(status, 'unknown', `Container is in "unknown" state, try killing it before restart`),
        );
      }
      plan.start.push(container);
      started++;
    }
  }
  if (kept === 0 && started === 0) {
    plan.killPod = true;
    plan.start = [];
  }
}

function planResizes(plan: PodPlan, pod: NodePod, view: PodView, resized: ReadonlySet<string>): void {
  for (const container of lastingContainers(pod.spec)) {
    const status = latest(view, container.name);
    if (!status || !resized.has(status.id) || plan.kill.some((kill) => kill.id === status.id)) continue;
    const message = `Container ${container.name} resize requires restart, will be restarted`;
    plan.kill.push(killOf(status, 'resize', message));
    plan.start.push(container);
  }
}

/** Whether a container that is not running has to be started. */
export function shouldRestart(
  pod: NodePod,
  container: AnyContainer,
  status: ContainerStatus | undefined,
): boolean {
  if (pod.metadata.deletionTimestamp) return false;
  if (!status || status.state === 'unknown' || status.state === 'created') return true;
  if (status.state === 'running') return false;
  return restartsAfter(pod, container, status);
}

/** Whether it is started again after this end; a rule for its exit code comes before its policy. */
export function restartsAfter(
  pod: NodePod,
  container: AnyContainer,
  { exitCode }: { exitCode: number },
): boolean {
  if (restartAction(container, exitCode)) return true;
  const policy = restartPolicyOf(pod, container);
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
}

function reasonToKill(
  container: AnyContainer,
  status: ContainerStatus,
  probes: ProbeVerdicts,
  title = 'Container',
): ContainerKill | undefined {
  const { name } = container;
  const hash = status.annotations[hashAnnotation];
  if (hash !== undefined && hash !== containerHash(container)) {
    return killOf(status, 'changed', `${title} ${name} definition changed`);
  }
  if (probes.liveness(status.id) === 'failure') {
    return killOf(status, 'liveness', `${title} ${name} failed liveness probe`);
  }
  if (probes.startup(status.id) === 'failure') {
    return killOf(status, 'startup', `${title} ${name} failed startup probe`);
  }
  return undefined;
}

function killOf(status: ContainerStatus, reason: ContainerKill['reason'], message: string): ContainerKill {
  return { id: status.id, name: status.name, message, reason };
}
