/** Creates the sandbox of a pod's containers; failures are recorded as events. */

import { runtimeClasses } from '#api/generated/kinds.gen.ts';
import { errorText } from '#base/text/error-text.ts';
import type { EventRecorder } from '#client/events/recorder.ts';
import { sandboxConfig } from '../config/make-config.ts';
import type { PodClaims } from '../devices/claims/claim-manager.ts';
import type { ObjectSource } from '../pod/objects/object-source.ts';
import { type NodePod, podReference } from '../pod/pod.ts';
import type { PodSetup } from '../runtime/machine.ts';
import { networkProblem } from '../runtime/network-problem.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { SandboxConfig } from '../runtime/runtime-config.ts';

/** What making a sandbox takes. */
export interface SandboxParts {
  readonly nodeName: string;
  readonly runtime: Runtime;
  readonly setup: PodSetup;
  readonly events: EventRecorder;
  readonly objects: ObjectSource;
  /** Absent where pods get no devices. */
  readonly claims?: PodClaims | undefined;
}

/** A pod of the pod network waits for it: no address can be given before the node has its range. */
export async function hasNetwork({ runtime, events }: SandboxParts, pod: NodePod): Promise<boolean> {
  if (pod.spec.hostNetwork) return true;
  const problem = await networkProblem(runtime);
  if (problem === '') return true;
  events.event(podReference(pod), 'Warning', 'NetworkNotReady', `network is not ready: ${problem}`);
  return false;
}

/** Undefined, with an event, when the node cannot give what the pod requests. */
export async function configOf(
  parts: SandboxParts,
  pod: NodePod,
  attempt: number,
): Promise<SandboxConfig | undefined> {
  try {
    const handler = await runtimeHandler(parts, pod);
    return sandboxConfig(pod, { attempt, nodeName: parts.nodeName, handler }, parts.setup);
  } catch (error) {
    return tellNoSandbox(parts, pod, error);
  }
}

export async function makeSandbox(
  parts: SandboxParts,
  pod: NodePod,
  config: SandboxConfig,
  signal: AbortSignal,
): Promise<{ id: string; ips: string[] } | undefined> {
  try {
    const handler = await runtimeHandler(parts, pod);
    const id = await parts.runtime.runPodSandbox(config, handler, signal);
    const status = await parts.runtime.podSandboxStatus(id);
    return { id, ips: status.ips };
  } catch (error) {
    // A pod that is being terminated gets no event about a failed start.
    signal.throwIfAborted();
    return tellNoSandbox(parts, pod, error);
  }
}

/**
 * How the pod's runtime class wants it run; empty for the runtime's default. Throws when the class is gone.
 */
async function runtimeHandler({ objects }: SandboxParts, pod: NodePod): Promise<string> {
  const { runtimeClassName } = pod.spec;
  if (!runtimeClassName) return '';
  const found = await objects.get(runtimeClasses, '', runtimeClassName);
  if (!found) throw new Error(`runtimeclass.node.k8s.io "${runtimeClassName}" not found`);
  return found.handler;
}

/** False, with an event, when a driver did not prepare them: without the devices of its claims a pod must not begin. */
export async function devicesPrepared(
  { claims, events }: SandboxParts,
  pod: NodePod,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await claims?.prepare(pod, signal);
    return true;
  } catch (error) {
    signal.throwIfAborted();
    const message = `Failed to prepare dynamic resources: ${errorText(error)}`;
    events.event(podReference(pod), 'Warning', 'FailedPrepareDynamicResources', message);
    return false;
  }
}

function tellNoSandbox(parts: SandboxParts, pod: NodePod, error: unknown): undefined {
  const message = `Failed to create pod sandbox: ${errorText(error)}`;
  parts.events.event(podReference(pod), 'Warning', 'FailedCreatePodSandBox', message);
  return undefined;
}
