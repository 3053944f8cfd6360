/**
 * How long a container has to wait before it is started again, after a crash or after a start that failed.
 */

import { goDurationText } from '#api/go/duration.ts';
import type { AnyContainer } from '#api/pods/containers.ts';
import type { BackOffs } from '#base/back-off.ts';
import type { Env } from '#base/env.ts';
import type { EventRecorder } from '#client/events/recorder.ts';
import type { StartFailure } from '../decide/container-statuses.ts';
import { containerHash, type NodePod, podReference, podText } from '../pod/pod.ts';
import type { PodView } from '../runtime/pod-view.ts';

/** What holding a container back takes. */
export interface RestartParts {
  readonly env: Env;
  readonly events: EventRecorder;
  readonly restarts: BackOffs;
}

export interface RestartInput {
  readonly parts: RestartParts;
  readonly pod: NodePod;
  /** Before anything was killed to be started again. */
  readonly view: PodView;
  /** A crash that has to be waited for is noted here. */
  readonly failures: Map<string, StartFailure>;
}

/** 0 lets it start now. */
export function restartDelayMs(input: RestartInput, container: AnyContainer): number {
  return heldBackMs(input, container) || backOffMs(input, container);
}

/** What could not be started a moment ago is not tried again at every event. */
function heldBackMs({ parts, failures }: RestartInput, container: AnyContainer): number {
  const failure = failures.get(container.name);
  if (!failure?.retryAtMs || failure.hash !== containerHash(container)) return 0;
  return Math.max(0, failure.retryAtMs - parts.env.clock.monotonicMs());
}

/**
 * Of a container that ended before. One that was killed to be started again is measured by the end of its predecessor, so
 * that the time it ran counts, as upstream.
 */
function backOffMs({ parts, pod, view, failures }: RestartInput, container: AnyContainer): number {
  const last = view.containers.find(({ name, state }) => name === container.name && state === 'exited');
  if (!last) return 0;
  const key = `${pod.metadata.uid}/${container.name}/${containerHash(container)}`;
  const waitMs = parts.restarts.remainingMs(key, last.finishedAtMs);
  if (waitMs === 0) {
    parts.restarts.next(key, last.finishedAtMs);
    return 0;
  }
  const delay = goDurationText(parts.restarts.delayMs(key));
  const message = `back-off ${delay} restarting failed container=${container.name} pod=${podText(pod)}`;
  const event = `Back-off restarting failed container ${container.name} in pod ${podText(pod)}`;
  if (failures.get(container.name)?.message !== message) {
    parts.events.event(podReference(pod, container.name), 'Warning', 'BackOff', event);
  }
  failures.set(container.name, { reason: 'CrashLoopBackOff', message });
  return waitMs;
}
