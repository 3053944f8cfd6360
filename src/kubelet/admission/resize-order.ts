/**
 * Which of the resizes that wait for room are granted first. Pure. Upstream: sortPendingResizes of
 * pkg/kubelet/allocation.
 *
 * 1. those that request more of nothing
 * 2. those of pods of a higher priority
 * 3. those of Guaranteed pods
 * 4. those that have waited the longest
 */

import { amountOf, plainAmounts } from '#api/pods/plain-amounts.ts';
import { podQosClass } from '#api/pods/qos.ts';
import { podRequests } from '#api/pods/resources.ts';
import type { NodePod } from '../pod/pod.ts';

export interface PendingResize {
  /** With the resources that it is to have. */
  readonly pod: NodePod;
  /** With those that it has. */
  readonly granted: NodePod;
  /** On any clock that does not jump. */
  readonly sinceMs: number;
}

/** Those that come before `resize`, in their order. */
export function resizesAhead(resize: PendingResize, others: readonly PendingResize[]): PendingResize[] {
  return others.filter((other) => compare(other, resize) < 0).sort(compare);
}

function compare(a: PendingResize, b: PendingResize): number {
  return (
    Number(isIncrease(a)) - Number(isIncrease(b)) ||
    (b.pod.spec.priority ?? 0) - (a.pod.spec.priority ?? 0) ||
    Number(isGuaranteed(b.pod)) - Number(isGuaranteed(a.pod)) ||
    a.sinceMs - b.sinceMs
  );
}

function isIncrease({ pod, granted }: PendingResize): boolean {
  const [wanted, has] = [pod, granted].map((each) => podRequests(plainAmounts, each));
  return ['cpu', 'memory'].some((resource) => amountOf(wanted!, resource) > amountOf(has!, resource));
}

function isGuaranteed(pod: NodePod): boolean {
  return podQosClass(pod) === 'Guaranteed';
}
