/**
 * Starts one container: image, environment, mounts, create, start, postStart; recorded as events, failures
 * returned.
 */

import type { PodStatus, Service } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { type AnyContainer, containerStatus } from '#api/pods/containers.ts';
import { errorText } from '#base/text/error-text.ts';
import { ContainerConfigError, ContainerCreateError, makeEnv } from '../config/env-vars.ts';
import { podHostname } from '../config/hostname.ts';
import { containerConfig } from '../config/make-config.ts';
import type { StartFailure } from '../decide/container-statuses.ts';
import type { CpuSource, MemorySource } from '../decide/resources.ts';
import type { SwapRules } from '../decide/swap.ts';
import { containerDevices, type DeviceSource } from '../devices/container-devices.ts';
import type { ImageManager } from '../images/image-manager.ts';
import type { ObjectSource } from '../pod/objects/object-source.ts';
import { type NodePod, podReference } from '../pod/pod.ts';
import { abortedLater, untilAborted } from '../pod/until-aborted.ts';
import type { PodSetup } from '../runtime/machine.ts';
import { latest, type PodView } from '../runtime/pod-view.ts';
import { type ImageRecord, RuntimeError } from '../runtime/runtime.ts';
import type { ContainerConfig, SandboxConfig } from '../runtime/runtime-config.ts';
import { type KillParts, killContainer } from './ending/kill-pod.ts';
import { mountImageVolumes, type PulledVolumes } from './image-volumes.ts';

/** What starting a container takes. */
export interface StartParts extends KillParts {
  readonly nodeName: string;
  readonly nodeIp: string;
  readonly setup: PodSetup;
  readonly images: ImageManager;
  readonly objects: ObjectSource;
  services(): Stored<Service>[];
  allocatable(): Record<string, string>;
  /** The status of the pod that was reported last, which the API may not have yet. */
  reported(podUid: string): PodStatus | undefined;
  readonly swap: SwapRules;
  /** Absent where containers use all processors. */
  readonly cpus?: CpuSource | undefined;
  /** Absent where containers use the memory of all NUMA nodes. */
  readonly memory?: MemorySource | undefined;
  readonly deviceSources: readonly DeviceSource[];
}

export interface StartInput {
  readonly pod: NodePod;
  readonly container: AnyContainer;
  readonly view: PodView;
  readonly sandboxId: string;
  readonly sandbox: SandboxConfig;
  readonly podIps: readonly string[];
  readonly imageVolumes: PulledVolumes;
  /** Aborted when the pod has to end: what is under way then is cancelled, or at least not waited for. */
  readonly signal: AbortSignal;
}

/** Of a start under way when the pod has to end. */
const startLimitMs = 2000;

/** Undefined when it runs. */
export async function startContainer(
  parts: StartParts,
  input: StartInput,
): Promise<StartFailure | undefined> {
  const { pod, container, sandboxId, sandbox, signal } = input;
  const reference = podReference(pod, container.name);
  const failed = (reason: string, error: unknown): StartFailure => {
    const message = error instanceof RuntimeError ? error.description : errorText(error);
    parts.events.event(reference, 'Warning', 'Failed', `Error: ${message}`);
    return { reason, message };
  };
  const answer = await untilAborted(parts.images.ensure(pod, container, signal), signal);
  if ('failure' in answer) return answer.failure;
  let config: Awaited<ReturnType<typeof configFor>>;
  try {
    await mountImageVolumes(parts.setup, pod, container, input.imageVolumes);
    config = await configFor(parts, input, answer.image);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ContainerCreateError) return failed('CreateContainerError', error);
    return failed('CreateContainerConfigError', error);
  }
  let id: string;
  try {
    id = await parts.runtime.createContainer(sandboxId, config, sandbox, signal);
  } catch (error) {
    signal.throwIfAborted();
    return failed('CreateContainerError', error);
  }
  parts.events.event(reference, 'Normal', 'Created', 'Container created');
  // A start that is cancelled half-way counts as one that failed: what began is let to its end, if it is
  // soon.
  const late = abortedLater(parts.env.clock, signal, startLimitMs);
  try {
    await parts.runtime.startContainer(id, late.signal);
  } catch (error) {
    signal.throwIfAborted();
    return failed('RunContainerError', error);
  } finally {
    late.end();
  }
  parts.events.event(reference, 'Normal', 'Started', 'Container started');
  return runPostStart(parts, input, id);
}

async function configFor(parts: StartParts, input: StartInput, image: ImageRecord) {
  const { pod, container, podIps, signal } = input;
  const attempt = attemptOf(parts, input);
  const devices = await containerDevices(parts.deviceSources, pod, container, signal);
  const addressIps = pod.spec.hostNetwork ? [parts.nodeIp] : podIps;
  const envs = await makeEnv({
    pod,
    container,
    objects: parts.objects,
    setup: parts.setup,
    services: parts.services(),
    addresses: { podIps: addressIps, hostIp: parts.nodeIp },
    allocatable: parts.allocatable(),
  });
  const hostname = podHostname(pod, parts.nodeName);
  const variables = new Map([...devices.envs, ...envs].map(({ key, value }) => [key, value]));
  const place = { pod, container, attempt, podIps: addressIps, hostname, variables };
  const mounts = await parts.setup.mounts(place);
  await parts.cpus?.saved();
  await parts.memory?.saved();
  const config = containerConfig({
    pod,
    container,
    attempt,
    image,
    envs,
    mounts,
    blockDevices: parts.setup.devices(place),
    devices,
    swap: parts.swap,
    allocatable: parts.allocatable(),
    cpus: parts.cpus?.of(pod.metadata.uid, container.name),
    memoryNodes: parts.memory?.nodesOf(pod.metadata.uid, container.name) ?? '',
    security: parts.setup.security,
  });
  const target = 'targetContainerName' in container ? container.targetContainerName : undefined;
  if (target) joinProcesses(config, input.view, target);
  return config;
}

/** An ephemeral container may look at the processes of another container. */
function joinProcesses(config: ContainerConfig, view: PodView, target: string): void {
  const found = latest(view, target);
  if (!found) throw new ContainerConfigError(`unable to find target container ${target}`);
  const { securityContext } = config.linux;
  securityContext.namespaceOptions = {
    ...securityContext.namespaceOptions,
    pid: 'TARGET',
    targetId: found.id,
  };
}

/** One more than the last; after the runtime forgot it, what the API still knows. */
function attemptOf({ reported }: StartParts, { pod, container, view }: StartInput): number {
  const last = latest(view, container.name);
  if (last) return last.attempt + 1;
  const known = containerStatus(reported(pod.metadata.uid) ?? pod.status, container.name);
  const count = known?.restartCount ?? 0;
  // One that waits to be restarted with all others has been counted.
  return known?.containerID ? count + 1 : count;
}

async function runPostStart(
  parts: StartParts,
  input: StartInput,
  id: string,
): Promise<StartFailure | undefined> {
  const { pod, container, podIps, signal } = input;
  const hook = container.lifecycle?.postStart;
  if (!hook) return undefined;
  try {
    const work = parts.hooks.run(pod, container, id, podIps[0] ?? parts.nodeIp, hook);
    await untilAborted(work, signal);
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    const reference = podReference(pod, container.name);
    // What went wrong stays out of the event: it may quote a secret.
    parts.events.event(reference, 'Warning', 'FailedPostStartHook', 'PostStartHook failed');
    await killContainer(parts, { pod, container, id, ip: podIps[0] ?? '', message: 'FailedPostStartHook' });
    return { reason: 'PostStartHookError', message: errorText(error) };
  }
}
