/** Container statuses of the API: from the runtime, or why there is no container yet. */

import type {
  ContainerState,
  ContainerStatus,
  PodStatus,
  ResourceRequirements,
  ResourceStatus,
} from '#api/generated/types.gen.ts';
import { type AnyContainer, allContainers, containerStatus, isSidecar } from '#api/pods/containers.ts';
import { mayRestartAll } from '#api/pods/restart-rules.ts';
import { rfc3339 } from '#base/clock.ts';
import { textOfBytes } from '#base/text/text-of-bytes.ts';
import type { NodePod } from '../pod/pod.ts';
import type { PodView } from '../runtime/pod-view.ts';
import type { ContainerStatus as RuntimeStatus } from '../runtime/runtime.ts';
import { shouldRestart } from './container-plan.ts';
import { isRestartingAll, removedStatus } from './restart-all.ts';

/** Why the last attempt to start a container failed: `CrashLoopBackOff`, `ErrImagePull`, … */
export interface StartFailure {
  readonly reason: string;
  readonly message: string;
  /** When to try again; ten seconds later by default. */
  readonly retryInMs?: number;
  /** The container is not started again before, as long as its spec stays the same. */
  readonly retryAtMs?: number;
  readonly hash?: string;
}

export interface StatusInput {
  readonly pod: NodePod;
  readonly view: PodView;
  /** The status that was reported last. */
  readonly before: PodStatus | undefined;
  /** By container name. */
  readonly failures: ReadonlyMap<string, StartFailure>;
  readonly readiness: (container: AnyContainer, id: string) => boolean;
  readonly startup: (container: AnyContainer, id: string) => boolean;
  /** The resources that a container runs with; by default those of its spec. */
  readonly actual?: (container: AnyContainer, status: RuntimeStatus) => ResourceRequirements;
  /** The health of the devices of a main container; default of none. */
  readonly devices?: (container: AnyContainer) => ResourceStatus[];
  /** The pod is terminal: containers that never started are reported as terminated. */
  readonly ended: boolean;
}

/** The bound of the termination messages of all containers of a pod together; each gets the same share. */
const wordsBytesMax = 12 * 1024;

export const restartCountAnnotation = 'io.kubernetes.container.restartCount';

export function containerStatuses(
  input: StatusInput,
  list: readonly AnyContainer[],
  kind: 'init' | 'main' | 'ephemeral',
): ContainerStatus[] {
  return list.map((container) => statusOf(input, container, kind));
}

function statusOf(input: StatusInput, container: AnyContainer, kind: string): ContainerStatus {
  const [current, previous] = input.view.containers.filter((other) => other.name === container.name);
  if (!current) return neverStarted(input, container);
  const running = current.state === 'running';
  const status: ContainerStatus = {
    name: container.name,
    state: stateOf(input.pod, current),
    lastState: previous ? stateOf(input.pod, previous) : forgottenEnd(input, current),
    ready: false,
    restartCount: Number(current.annotations[restartCountAnnotation] ?? current.attempt),
    image: current.image || container.image || '',
    imageID: current.imageRef,
    containerID: `containerd://${current.id}`,
    started: running && input.startup(container, current.id),
    ...resourcesOf(container, running ? input.actual?.(container, current) : undefined),
    ...mountsOf(container),
  };
  if (kind === 'main') Object.assign(status, devicesOf(input, container));
  if (!running) applyFailure(input, container, current, status, kind);
  if (input.ended && status.state?.waiting) endWaiting(status);
  status.ready = readyOf(input, container, current, status, kind);
  return status;
}

/** The runtime has no earlier container any more once all of a pod were restarted: its end is known from the status. */
function forgottenEnd({ pod, before }: StatusInput, { name, id }: RuntimeStatus): ContainerState {
  if (!mayRestartAll(pod.spec)) return {};
  const old = containerStatus(before, name);
  const isOther = old?.containerID !== `containerd://${id}`;
  const terminated = (isOther && old?.state?.terminated) || old?.lastState?.terminated;
  return terminated ? { terminated } : {};
}

function devicesOf(input: StatusInput, container: AnyContainer): Partial<ContainerStatus> {
  const devices = input.devices?.(container) ?? [];
  return devices.length > 0 ? { allocatedResourcesStatus: devices } : {};
}

function readyOf(
  input: StatusInput,
  container: AnyContainer,
  current: RuntimeStatus,
  status: ContainerStatus,
  kind: string,
): boolean {
  if (kind === 'init' && !isSidecar(container)) return status.state?.terminated?.exitCode === 0;
  return status.started === true && kind !== 'ephemeral' && input.readiness(container, current.id);
}

function applyFailure(
  input: StatusInput,
  container: AnyContainer,
  current: RuntimeStatus,
  status: ContainerStatus,
  kind: string,
): void {
  const failure = input.failures.get(container.name);
  if (!failure) return;
  const doneInit =
    kind === 'init' && !isSidecar(container) && current.state === 'exited' && current.exitCode === 0;
  if (doneInit || !shouldRestart(input.pod, container, current)) return;
  if (status.state?.terminated) status.lastState = status.state;
  status.state = { waiting: waitingOf(failure) };
}

function neverStarted(input: StatusInput, container: AnyContainer): ContainerStatus {
  const failure = input.failures.get(container.name);
  const reason = (input.pod.spec.initContainers?.length ?? 0) > 0 ? 'PodInitializing' : 'ContainerCreating';
  const old = containerStatus(input.before, container.name);
  const status: ContainerStatus = {
    name: container.name,
    state: { waiting: failure ? waitingOf(failure) : { reason } },
    lastState: old?.lastState ?? {},
    ready: false,
    restartCount: old?.restartCount ?? 0,
    image: container.image ?? '',
    imageID: '',
    started: false,
    ...mountsOf(container),
  };
  if (old && !failure && isRestartingAll(input.pod, input.view, input.before) && !input.ended) {
    return removedStatus(status, old);
  }
  // The runtime has removed the container's record: the end that the API knows stays true.
  if (old?.state?.terminated && !failure) return { ...status, ...old, ready: old.ready };
  if (input.ended && wasInitialized(input)) endWaiting(status);
  return status;
}

function resourcesOf(
  container: AnyContainer,
  actual: ResourceRequirements | undefined,
): Partial<ContainerStatus> {
  const { requests, limits } = actual ?? container.resources ?? {};
  const allocated = container.resources?.requests;
  const resources = { ...(limits ? { limits } : {}), ...(requests ? { requests } : {}) };
  return { resources, ...(allocated ? { allocatedResources: allocated } : {}) };
}

function mountsOf(container: AnyContainer): Partial<ContainerStatus> {
  const mounts = container.volumeMounts ?? [];
  if (mounts.length === 0) return {};
  return {
    volumeMounts: mounts.map(({ name, mountPath, readOnly }) => ({
      name,
      mountPath,
      ...(readOnly ? { readOnly: true, recursiveReadOnly: 'Disabled' } : {}),
    })),
  };
}

function waitingOf({ reason, message }: StartFailure) {
  return { reason, message };
}

/** An app container that never started, because an init container failed, is still reported as waiting. */
function wasInitialized({ pod, view }: StatusInput): boolean {
  const inits = pod.spec.initContainers ?? [];
  const last = inits.at(-1);
  if (!last) return true;
  const apps = new Set(pod.spec.containers.map(({ name }) => name));
  if (view.containers.some(({ name }) => apps.has(name))) return true;
  const current = view.containers.find(({ name }) => name === last.name);
  if (isSidecar(last)) return current?.state === 'running';
  return current?.state === 'exited' && current.exitCode === 0;
}

/**
 * The pod is terminal: a waiting container is reported as terminated, with its last termination if it had
 * one.
 */
function endWaiting(status: ContainerStatus): void {
  if (status.lastState?.terminated) {
    status.state = status.lastState;
    status.lastState = {};
    return;
  }
  const message = 'The container could not be located when the pod was terminated';
  status.state = {
    terminated: { reason: 'ContainerStatusUnknown', message, exitCode: 137 },
  };
}

function stateOf(pod: NodePod, status: RuntimeStatus): ContainerState {
  if (status.state === 'running') return { running: { startedAt: rfc3339(status.startedAtMs) } };
  if (status.state === 'created') return { waiting: { reason: 'ContainerCreating' } };
  const message = endMessage(pod, status);
  return {
    terminated: {
      exitCode: status.exitCode,
      reason: status.reason || (status.exitCode === 0 ? 'Completed' : 'Error'),
      ...(message ? { message } : {}),
      startedAt: rfc3339(status.startedAtMs || status.createdAtMs),
      finishedAt: rfc3339(status.finishedAtMs || status.createdAtMs),
      containerID: `containerd://${status.id}`,
    },
  };
}

/**
 * The runtime's message of a container's end, and the container's termination message: cut before bytes
 * become text, as upstream.
 */
function endMessage(pod: NodePod, { message, terminationMessage = new Uint8Array() }: RuntimeStatus): string {
  const colon = message !== '' && terminationMessage.length > 0 ? ': ' : '';
  const bytes = Buffer.concat([Buffer.from(`${message}${colon}`), terminationMessage]);
  return textOfBytes(bytes.subarray(0, Math.floor(wordsBytesMax / allContainers(pod.spec).length)));
}
