/** How many pods of a PodDisruptionBudget may be evicted now. */

import type { Stored } from '#api/object.ts';
import type { Condition, Pod, PodDisruptionBudget, PodDisruptionBudgetStatus } from '#api/types.gen.ts';
import { rfc3339 } from '#base/clock.ts';
import { resolveIntOrPercent } from './int-or-percent.ts';
import { isPodReady, isPodTerminal } from './pod-state.ts';

/** An eviction that was allowed but whose pod is still there after this is taken to have failed. */
const evictionTimeoutMs = 2 * 60_000;

export interface DisruptionView {
  readonly budget: Stored<PodDisruptionBudget>;
  readonly pods: readonly Stored<Pod>[];
  /** The replicas the pods' controllers want in all; undefined when a controller cannot say. */
  readonly scale: number | undefined;
  readonly nowMs: number;
}

export interface DisruptionDecision {
  readonly status: PodDisruptionBudgetStatus;
  /** When the next remembered eviction runs out. */
  readonly againInMs?: number;
}

export function decideDisruption(view: DisruptionView): DisruptionDecision {
  const { budget, nowMs } = view;
  const pods = view.pods.filter((pod) => !isPodTerminal(pod));
  const disrupted = stillDisrupted(budget, pods, nowMs);
  const counts = wantedOf(view, pods.length);
  const healthy = pods.filter(
    (pod) => isPodReady(pod) && !pod.metadata.deletionTimestamp && disrupted[pod.metadata.name] === undefined,
  ).length;
  const allowed = counts && counts.expected > 0 ? Math.max(0, healthy - counts.desired) : 0;
  const times = Object.values(disrupted).map((at) => Date.parse(at) + evictionTimeoutMs - nowMs);
  return {
    status: {
      disruptionsAllowed: allowed,
      currentHealthy: healthy,
      desiredHealthy: counts?.desired ?? budget.status?.desiredHealthy ?? 0,
      expectedPods: counts?.expected ?? budget.status?.expectedPods ?? 0,
      observedGeneration: budget.metadata.generation ?? 0,
      ...(Object.keys(disrupted).length > 0 ? { disruptedPods: disrupted } : {}),
      conditions: conditionsOf(budget, counts !== undefined, allowed, nowMs),
    },
    ...(times.length > 0 ? { againInMs: Math.max(1, Math.min(...times)) } : {}),
  };
}

function wantedOf(
  { budget, scale }: DisruptionView,
  podCount: number,
): { expected: number; desired: number } | undefined {
  const { minAvailable, maxUnavailable } = budget.spec ?? {};
  if (maxUnavailable !== undefined) {
    if (scale === undefined) return undefined;
    return {
      expected: scale,
      desired: Math.max(0, scale - resolveIntOrPercent(maxUnavailable, scale, 'up')),
    };
  }
  if (typeof minAvailable === 'string') {
    if (scale === undefined) return undefined;
    return { expected: scale, desired: resolveIntOrPercent(minAvailable, scale, 'up') };
  }
  return { expected: podCount, desired: minAvailable ?? 0 };
}

/** Pods whose eviction was allowed and that have not begun to go. */
function stillDisrupted(
  budget: PodDisruptionBudget,
  pods: readonly Stored<Pod>[],
  nowMs: number,
): Record<string, string> {
  const present = new Set(
    pods.filter(({ metadata }) => !metadata.deletionTimestamp).map(({ metadata }) => metadata.name),
  );
  const entries = Object.entries(budget.status?.disruptedPods ?? {});
  return Object.fromEntries(
    entries.filter(([name, at]) => present.has(name) && Date.parse(at) + evictionTimeoutMs > nowMs),
  );
}

function conditionsOf(
  budget: Stored<PodDisruptionBudget>,
  isCounted: boolean,
  allowed: number,
  nowMs: number,
): Condition[] {
  const status = isCounted && allowed > 0 ? 'True' : 'False';
  const reason = !isCounted ? 'SyncFailed' : allowed > 0 ? 'SufficientPods' : 'InsufficientPods';
  const message = isCounted ? '' : 'a controller of the selected pods has no replicas to count';
  const before = budget.status?.conditions?.find(({ type }) => type === 'DisruptionAllowed');
  const lastTransitionTime = before?.status === status ? before.lastTransitionTime : rfc3339(nowMs);
  return [
    {
      type: 'DisruptionAllowed',
      status,
      observedGeneration: budget.metadata.generation ?? 0,
      lastTransitionTime,
      reason,
      message,
    },
  ];
}
