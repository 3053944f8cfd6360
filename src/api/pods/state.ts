/** The meaning of a pod's status: whether it has ended, is ready, available, and since when. */

import type { Pod, PodCondition } from '../generated/types.gen.ts';
import { conditionOf } from '../meta/conditions.ts';

export function podCondition(pod: Pod, type: string): PodCondition | undefined {
  return conditionOf(pod.status, type);
}

/** For a condition to be written: the pod's generation that it is about. */
export function observedGeneration({ metadata }: Pod): { observedGeneration?: number } {
  return metadata?.generation ? { observedGeneration: metadata.generation } : {};
}

/** The pod's phase is Succeeded or Failed. */
export function isPodTerminal(pod: Pod): boolean {
  return isTerminalPhase(pod.status?.phase);
}

export function isTerminalPhase(phase: string | undefined): phase is 'Succeeded' | 'Failed' {
  return phase === 'Succeeded' || phase === 'Failed';
}

/** Neither terminal nor being deleted. */
export function isPodActive(pod: Pod): boolean {
  return !isPodTerminal(pod) && !pod.metadata?.deletionTimestamp;
}

/** Being deleted, and not terminal yet. */
export function isPodTerminating(pod: Pod): boolean {
  return !isPodTerminal(pod) && pod.metadata?.deletionTimestamp !== undefined;
}

export function isPodReady(pod: Pod): boolean {
  return podCondition(pod, 'Ready')?.status === 'True';
}

/** When it became ready; undefined if it is not ready or the time is not recorded. */
export function podReadySinceMs(pod: Pod): number | undefined {
  const condition = podCondition(pod, 'Ready');
  if (condition?.status !== 'True' || !condition.lastTransitionTime) return undefined;
  return Date.parse(condition.lastTransitionTime);
}

/** Ready for at least `minReadySeconds`. */
export function isPodAvailable(pod: Pod, minReadySeconds: number, nowMs: number): boolean {
  return availableInMs(pod, minReadySeconds, nowMs) === 0;
}

/** Time until it is available if it stays ready: 0 if it is already, undefined if it is not ready. */
export function availableInMs(pod: Pod, minReadySeconds: number, nowMs: number): number | undefined {
  if (!isPodReady(pod)) return undefined;
  if (minReadySeconds === 0) return 0;
  const sinceMs = podReadySinceMs(pod);
  if (sinceMs === undefined) return undefined;
  return Math.max(0, sinceMs + minReadySeconds * 1000 - nowMs);
}

/** Time until the next ready pod becomes available, if `minReadySeconds` delays it. */
export function nextAvailableInMs(
  pods: readonly Pod[],
  minReadySeconds: number,
  nowMs: number,
): number | undefined {
  if (minReadySeconds === 0) return undefined;
  let next: number | undefined;
  for (const pod of pods) {
    const waitMs = availableInMs(pod, minReadySeconds, nowMs) ?? 0;
    if (waitMs > 0 && (next === undefined || waitMs < next)) next = waitMs;
  }
  return next;
}
