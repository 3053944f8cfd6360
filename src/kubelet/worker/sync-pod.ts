/**
 * Carries out a pod's plan: kills, sandbox, containers. Returns what could not start and when to look again.
 */

import { type AnyContainer, findContainer, isSidecar } from '#api/pods/containers.ts';
import { type ContainerKill, type PodPlan, planPod } from '../decide/container-plan.ts';
import type { StartFailure } from '../decide/container-statuses.ts';
import { containerHash, initContainers, type NodePod, podReference } from '../pod/pod.ts';
import type { PodPolicies } from '../pod/pod-policies.ts';
import { networkRetryMs, resyncMs, syncRetryMs } from '../pod/retries.ts';
import type { Prober } from '../probes/prober.ts';
import { type PodView, podIps } from '../runtime/pod-view.ts';
import type { SandboxConfig } from '../runtime/runtime-config.ts';
import { killContainer, killPod } from './ending/kill-pod.ts';
import { imageVolumeFailures, type PulledVolumes, pullImageVolumes } from './image-volumes.ts';
import { configOf, devicesPrepared, hasNetwork, makeSandbox, type SandboxParts } from './pod-sandbox.ts';
import { type RestartParts, restartDelayMs } from './restart-delay.ts';
import { type StartParts, startContainer } from './start-container.ts';
import type { ContainerMetrics, ContainerType } from './status/container-metrics.ts';

/** What carrying out a pod's plan takes. */
export interface SyncParts extends RestartParts, SandboxParts, StartParts {
  readonly probes: Prober;
  readonly containerMetrics: ContainerMetrics;
  readonly networkPolicies: PodPolicies | undefined;
  /** The runtime's view of a pod, with the termination messages of ended containers. */
  readView(podUid: string): Promise<PodView>;
}

export interface SyncInput {
  readonly parts: SyncParts;
  readonly pod: NodePod;
  readonly view: PodView;
  /** Kept from step to step. */
  readonly failures: Map<string, StartFailure>;
  /** Ids of containers that must be restarted for their resources. */
  readonly resized: ReadonlySet<string>;
  /** Aborted when the pod has to end. */
  readonly signal: AbortSignal;
}

export interface SyncResult {
  /** Something was done: the runtime has to be read again. */
  readonly acted: boolean;
  /** Look again after so long; undefined when nothing is awaited. */
  readonly againInMs: number | undefined;
}

/** What the starts of a step need: `view` is as it is after the kills. */
interface StartInput extends SyncInput {
  /** As it was before the kills: a container that was killed to be started again has not crashed. */
  readonly viewBefore: PodView;
  readonly imageVolumes: PulledVolumes;
}

/** Where the containers are started. */
interface Place {
  readonly id: string;
  readonly ips: readonly string[];
  readonly config: SandboxConfig;
}

export async function syncPod(input: SyncInput): Promise<SyncResult> {
  const { parts, pod, view } = input;
  const plan = planPod(pod, view, parts.probes, input.resized);
  if (plan.reset.length > 0) return resetAll(input, plan.reset);
  if (plan.killPod) await killOld(input, plan);
  else await Promise.all(plan.kill.map((kill) => killOne(input, kill)));
  if (plan.killPod && plan.newSandboxAttempt === undefined) {
    return { acted: view.containers.some(isRunning), againInMs: undefined };
  }
  const killed = plan.kill.length > 0;
  if (plan.start.length === 0) return { acted: killed, againInMs: undefined };
  const place = await placeFor(input, plan);
  if (typeof place === 'number') return { acted: killed, againInMs: place };
  // No container sends or gets a packet that a policy denies.
  if (!pod.spec.hostNetwork) await parts.networkPolicies?.protect(pod, place.ips, input.signal);
  const viewAfter = killed ? await parts.readView(pod.metadata.uid) : view;
  const imageVolumes = await pullImageVolumes(parts.images, pod, input.signal);
  const started = await startAll(
    { ...input, view: viewAfter, viewBefore: view, imageVolumes },
    plan.start,
    place,
  );
  const made = plan.newSandboxAttempt !== undefined;
  return { acted: killed || made || started.acted, againInMs: started.againInMs };
}

/** One after the other, without grace, as upstream; their logs stay. */
async function resetAll({ parts, pod, view }: SyncInput, reset: PodPlan['reset']): Promise<SyncResult> {
  for (const { id, name, state } of reset) {
    if (state !== 'exited') {
      const container = findContainer(pod.spec, name);
      const ip = podIps(view)[0] ?? '';
      await killContainer(parts, { pod, container, id, ip, message: 'killing', graceSeconds: 0 });
    }
    await parts.runtime.removeContainer(id);
  }
  return { acted: true, againInMs: undefined };
}

/** In their order; an init container that cannot start now keeps the next ones from their turn. */
async function startAll(
  input: StartInput,
  containers: readonly AnyContainer[],
  place: Place,
): Promise<SyncResult> {
  let acted = false;
  let againInMs: number | undefined;
  for (const container of containers) {
    const waitMs = await startOne(input, container, place);
    if (waitMs === 0) {
      acted = true;
      continue;
    }
    againInMs = Math.min(againInMs ?? Number.POSITIVE_INFINITY, waitMs);
    if (isInit(input.pod, container)) break;
  }
  return { acted, againInMs };
}

/** 0 when it runs, else how long to wait before the next try. */
async function startOne(input: StartInput, container: AnyContainer, place: Place): Promise<number> {
  const { parts, pod, view, viewBefore, failures, imageVolumes, signal } = input;
  const waitMs = restartDelayMs({ parts, pod, view: viewBefore, failures }, container);
  if (waitMs > 0) return waitMs;
  const type = containerType(pod, container);
  parts.containerMetrics.started(type);
  const missing = withoutImages(input, container);
  if (missing) return failed(input, container, missing);
  const failure = await startContainer(parts, {
    pod,
    container,
    view,
    sandboxId: place.id,
    sandbox: place.config,
    podIps: place.ips,
    imageVolumes,
    signal,
  });
  if (!failure) {
    failures.delete(container.name);
    return 0;
  }
  parts.containerMetrics.startFailed(type, failure.reason);
  return failed(input, container, failure);
}

/** The failure of the last image that the container mounts and cannot have, each with an event as upstream's. */
function withoutImages({ parts, pod, imageVolumes }: StartInput, container: AnyContainer) {
  const failures = imageVolumeFailures(imageVolumes, container);
  for (const { reason } of failures) {
    parts.events.event(podReference(pod, container.name), 'Warning', 'Failed', `Error: ${reason}`);
  }
  return failures.at(-1);
}

/** How long to wait before the next try. */
function failed({ parts, failures }: StartInput, container: AnyContainer, failure: StartFailure): number {
  const retryInMs = failure.retryInMs ?? syncRetryMs;
  const retryAtMs = parts.env.clock.monotonicMs() + retryInMs;
  failures.set(container.name, { ...failure, retryAtMs, hash: containerHash(container) });
  return retryInMs;
}

/**
 * The present sandbox or a new one; a number when there can be none yet: how long to wait before the next
 * try.
 */
async function placeFor({ parts, pod, view, signal }: SyncInput, plan: PodPlan): Promise<Place | number> {
  const { newSandboxAttempt } = plan;
  const config = await configOf(parts, pod, newSandboxAttempt ?? view.sandboxes[0]?.attempt ?? 0);
  if (!config) return syncRetryMs;
  if (newSandboxAttempt === undefined) return { id: plan.sandboxId ?? '', ips: podIps(view), config };
  if (!(await hasNetwork(parts, pod))) return networkRetryMs;
  // As upstream, whose sync of the pod has not failed by it.
  if (!(await devicesPrepared(parts, pod, signal))) return resyncMs;
  const made = await makeSandbox(parts, pod, config, signal);
  return made ? { ...made, config } : syncRetryMs;
}

function isRunning(container: { state: string }): boolean {
  return container.state === 'running';
}

function containerType(pod: NodePod, { name }: AnyContainer): ContainerType {
  if (initContainers(pod).some((init) => init.name === name)) return 'init_container';
  return pod.spec.containers.some((own) => own.name === name) ? 'container' : 'ephemeral_container';
}

function isInit(pod: NodePod, container: AnyContainer): boolean {
  return initContainers(pod).some((init) => init.name === container.name) && !isSidecar(container);
}

async function killOld({ parts, pod, view }: SyncInput, plan: PodPlan): Promise<void> {
  if (view.sandboxes.length > 0 && plan.newSandboxAttempt !== undefined) {
    const message = 'Pod sandbox changed, it will be killed and re-created.';
    parts.events.event(podReference(pod), 'Normal', 'SandboxChanged', message);
  }
  if (view.sandboxes.length > 0 || view.containers.some(isRunning)) await killPod(parts, pod, view);
}

async function killOne({ parts, pod, view }: SyncInput, kill: ContainerKill): Promise<void> {
  const container = findContainer(pod.spec, kill.name);
  const probes = { liveness: container?.livenessProbe, startup: container?.startupProbe };
  const probe = kill.reason === 'liveness' || kill.reason === 'startup' ? probes[kill.reason] : undefined;
  const graceSeconds = probe?.terminationGracePeriodSeconds;
  await killContainer(parts, {
    pod,
    container,
    id: kill.id,
    ip: podIps(view)[0] ?? '',
    message: kill.message,
    ...(graceSeconds === undefined ? {} : { graceSeconds }),
  });
}
