/** Carries out a pod's plan: kills, sandbox, containers. Returns what could not start and when to look again. */

import { durationText } from './back-off.ts';
import { type ContainerKill, type PodPlan, planPod } from './container-plan.ts';
import type { StartFailure } from './container-statuses.ts';
import { killContainer, killPod } from './kill.ts';
import type { NodeParts } from './node-parts.ts';
import { networkProblem } from './node-status.ts';
import {
  type AnyContainer,
  containerHash,
  findContainer,
  initContainers,
  isSidecar,
  type NodePod,
  podReference,
  podText,
} from './pod.ts';
import { latest, type PodView, podIps } from './pod-view.ts';
import type { SandboxConfig } from './runtime.ts';
import { sandboxConfig } from './runtime-configs.ts';
import { startContainer } from './start-container.ts';

export interface SyncResult {
  /** Something was done: the runtime has to be read again. */
  acted: boolean;
  /** Look again after so long; undefined when nothing is awaited. */
  againInMs: number | undefined;
}

const retryMs = 10_000;
const networkRetryMs = 1000;

export async function syncPod(
  parts: NodeParts,
  pod: NodePod,
  view: PodView,
  failures: Map<string, StartFailure>,
  resized?: ReadonlySet<string>,
): Promise<SyncResult> {
  const plan = planPod(pod, view, parts.probes, resized);
  const result: SyncResult = { acted: false, againInMs: undefined };
  if (plan.killPod) {
    await killOld(parts, pod, view, plan);
    if (plan.newSandboxAttempt === undefined)
      return { acted: view.containers.some(isRunning), againInMs: undefined };
  } else {
    await Promise.all(plan.kill.map((kill) => killOne(parts, pod, view, kill)));
    if (plan.kill.length > 0) result.acted = true;
  }
  if (plan.start.length === 0) return result;
  const attempt = plan.newSandboxAttempt ?? view.sandboxes[0]?.attempt ?? 0;
  const config = configOf(parts, pod, attempt);
  if (!config) return { ...result, againInMs: retryMs };
  if (plan.newSandboxAttempt !== undefined && !(await hasNetwork(parts, pod)))
    return { ...result, againInMs: networkRetryMs };
  let sandboxId = plan.sandboxId ?? '';
  let ips = podIps(view);
  if (plan.newSandboxAttempt !== undefined) {
    const made = await makeSandbox(parts, pod, config);
    if (!made) return { acted: false, againInMs: retryMs };
    sandboxId = made.id;
    ips = made.ips;
    result.acted = true;
  }
  // Kills were carried out above: what replaces them must not be taken for a crash to be backed off by stale times.
  const fresh = plan.kill.length > 0 ? await parts.readView(pod.metadata.uid) : view;
  for (const container of plan.start) {
    const waitMs =
      heldBackMs(parts, container, failures) || backOffMs(parts, pod, container, fresh, failures);
    if (waitMs > 0) {
      result.againInMs = Math.min(result.againInMs ?? Number.POSITIVE_INFINITY, waitMs);
      if (isInit(pod, container)) break;
      continue;
    }
    const failure = await startContainer(parts, {
      pod,
      container,
      view: fresh,
      sandboxId,
      sandbox: config,
      podIps: ips,
    });
    if (failure) {
      const retryInMs = failure.retryInMs ?? retryMs;
      const retryAtMs = parts.env.clock.monotonicMs() + retryInMs;
      failures.set(container.name, { ...failure, retryAtMs, hash: containerHash(container) });
      result.againInMs = Math.min(result.againInMs ?? Number.POSITIVE_INFINITY, retryInMs);
      if (isInit(pod, container)) break;
    } else {
      failures.delete(container.name);
      result.acted = true;
    }
  }
  return result;
}

function isRunning(one: { state: string }): boolean {
  return one.state === 'running';
}

function isInit(pod: NodePod, container: AnyContainer): boolean {
  return initContainers(pod).some((one) => one.name === container.name) && !isSidecar(container);
}

async function killOld(parts: NodeParts, pod: NodePod, view: PodView, plan: PodPlan): Promise<void> {
  if (view.sandboxes.length > 0 && plan.newSandboxAttempt !== undefined) {
    const message = 'Pod sandbox changed, it will be killed and re-created.';
    parts.events.event(podReference(pod), 'Normal', 'SandboxChanged', message);
  }
  if (view.sandboxes.length > 0 || view.containers.some(isRunning)) await killPod(parts, pod, view);
}

async function killOne(parts: NodeParts, pod: NodePod, view: PodView, kill: ContainerKill): Promise<void> {
  const container = findContainer(pod, kill.name);
  const probe =
    kill.reason === 'liveness'
      ? container?.livenessProbe
      : kill.reason === 'startup'
        ? container?.startupProbe
        : undefined;
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

/** A pod of the pod network waits for it: no address can be given before the node has its range. */
async function hasNetwork({ runtime, events }: NodeParts, pod: NodePod): Promise<boolean> {
  if (pod.spec.hostNetwork) return true;
  const problem = await networkProblem(runtime);
  if (problem === '') return true;
  events.event(podReference(pod), 'Warning', 'NetworkNotReady', `network is not ready: ${problem}`);
  return false;
}

function configOf(parts: NodeParts, pod: NodePod, attempt: number): SandboxConfig | undefined {
  try {
    return sandboxConfig(pod, attempt, parts.nodeName, parts.setup);
  } catch (error) {
    return tellNoSandbox(parts, pod, error);
  }
}

function tellNoSandbox(parts: NodeParts, pod: NodePod, error: unknown): undefined {
  const message = `Failed to create pod sandbox: ${error instanceof Error ? error.message : String(error)}`;
  parts.events.event(podReference(pod), 'Warning', 'FailedCreatePodSandBox', message);
  return undefined;
}

async function makeSandbox(
  parts: NodeParts,
  pod: NodePod,
  config: SandboxConfig,
): Promise<{ id: string; ips: string[] } | undefined> {
  try {
    const id = await parts.runtime.runPodSandbox(config);
    const status = await parts.runtime.podSandboxStatus(id);
    return { id, ips: status.ips };
  } catch (error) {
    return tellNoSandbox(parts, pod, error);
  }
}

/** What could not be started a moment ago is not tried again at every event. */
function heldBackMs(parts: NodeParts, container: AnyContainer, failures: Map<string, StartFailure>): number {
  const failure = failures.get(container.name);
  if (!failure?.retryAtMs || failure.hash !== containerHash(container)) return 0;
  return Math.max(0, failure.retryAtMs - parts.env.clock.monotonicMs());
}

/** How long a container that ended before has to wait; 0 lets it start now. */
function backOffMs(
  parts: NodeParts,
  pod: NodePod,
  container: AnyContainer,
  view: PodView,
  failures: Map<string, StartFailure>,
): number {
  const last = latest(view, container.name);
  if (last?.state !== 'exited') return 0;
  const key = `${pod.metadata.uid}/${container.name}/${containerHash(container)}`;
  const waitMs = parts.restarts.remainingMs(key, last.finishedAtMs);
  if (waitMs === 0) {
    parts.restarts.next(key, last.finishedAtMs);
    return 0;
  }
  const delay = durationText(parts.restarts.delayMs(key));
  const message = `back-off ${delay} restarting failed container=${container.name} pod=${podText(pod)}`;
  const event = `Back-off restarting failed container ${container.name} in pod ${podText(pod)}`;
  if (failures.get(container.name)?.message !== message)
    parts.events.event(podReference(pod, container.name), 'Warning', 'BackOff', event);
  failures.set(container.name, { reason: 'CrashLoopBackOff', message });
  return waitMs;
}
