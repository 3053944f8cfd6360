/**
 * Which pods go first when there are too many, the order of upstream's `ActivePodsWithRanks`:
 *
 *   1. not assigned to a node
 *   2. Pending before Unknown before Running
 *   3. not ready
 *   4. lower pod-deletion-cost
 *   5. more related pods on the same node
 *   6. ready for a shorter time (in powers of two)
 *   7. more container restarts, then more sidecar restarts
 *   8. created later (in powers of two)
 *
 * Ages within one power of two count as equal and the uid decides, so that a scale-down does not always empty
 * the zone that happened to be filled last.
 */

import type { ContainerStatus, Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { sidecars } from '#api/pods/containers.ts';
import { isPodActive, isPodReady, podReadySinceMs } from '#api/pods/state.ts';
import { ownValue } from '#base/own-value.ts';

const deletionCostAnnotation = 'controller.kubernetes.io/pod-deletion-cost';
const phaseRank: Record<string, number> = { Pending: 0, Unknown: 1, Running: 2 };

/** `related`: the pods of all owners that share a controller, counted for crowding on nodes. */
export function rankForDeletion(
  pods: readonly Stored<Pod>[],
  related: readonly Stored<Pod>[],
  nowMs: number,
): Stored<Pod>[] {
  const perNode = new Map<string, number>();
  for (const pod of related) {
    const node = pod.spec?.nodeName;
    if (node && isPodActive(pod)) perNode.set(node, (perNode.get(node) ?? 0) + 1);
  }
  const crowd = (pod: Pod) => perNode.get(pod.spec?.nodeName ?? '') ?? 0;
  return [...pods].sort((a, b) => compare(a, b, crowd, nowMs));
}

function compare(a: Stored<Pod>, b: Stored<Pod>, crowd: (pod: Pod) => number, nowMs: number): number {
  return (
    Number(Boolean(a.spec?.nodeName)) - Number(Boolean(b.spec?.nodeName)) ||
    (ownValue(phaseRank, a.status?.phase ?? '') ?? 0) - (ownValue(phaseRank, b.status?.phase ?? '') ?? 0) ||
    Number(isPodReady(a)) - Number(isPodReady(b)) ||
    deletionCost(a) - deletionCost(b) ||
    crowd(b) - crowd(a) ||
    (isPodReady(a) ? compareAge(a, b, podReadySinceMs(a), podReadySinceMs(b), nowMs) : 0) ||
    mostRestarts(b.status?.containerStatuses) - mostRestarts(a.status?.containerStatuses) ||
    mostRestarts(sidecarStatuses(b)) - mostRestarts(sidecarStatuses(a)) ||
    compareAge(a, b, createdMs(a), createdMs(b), nowMs)
  );
}

/** Younger first; an unknown time counts as the youngest. */
function compareAge(
  a: Stored<Pod>,
  b: Stored<Pod>,
  aMs: number | undefined,
  bMs: number | undefined,
  nowMs: number,
): number {
  if (aMs === bMs) return 0;
  if (aMs === undefined) return -1;
  if (bMs === undefined) return 1;
  const difference = ageBucket(aMs, nowMs) - ageBucket(bMs, nowMs);
  return difference || (a.metadata.uid < b.metadata.uid ? -1 : 1);
}

function ageBucket(sinceMs: number, nowMs: number): number {
  const ageNanoseconds = (nowMs - sinceMs) * 1e6;
  return ageNanoseconds > 0 ? Math.floor(Math.log2(ageNanoseconds)) : -1;
}

function createdMs(pod: Stored<Pod>): number {
  return Date.parse(pod.metadata.creationTimestamp);
}

/** 0 for an invalid 32-bit integer, which the API server rejects anyway. */
function deletionCost(pod: Pod): number {
  const text = pod.metadata?.annotations?.[deletionCostAnnotation] ?? '';
  return /^(0|-?[1-9][0-9]*)$/.test(text) ? Number(text) : 0;
}

function mostRestarts(statuses: readonly ContainerStatus[] = []): number {
  let most = 0;
  for (const status of statuses) most = Math.max(most, status.restartCount);
  return most;
}

function sidecarStatuses({ spec, status }: Pod): ContainerStatus[] {
  const names = new Set(sidecars(spec).map(({ name }) => name));
  if (names.size === 0) return [];
  return (status?.initContainerStatuses ?? []).filter(({ name }) => names.has(name));
}
