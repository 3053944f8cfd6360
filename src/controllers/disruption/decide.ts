/** How many pods of a PodDisruptionBudget may be evicted now. */

import type {
  Condition,
  Pod,
  PodDisruptionBudget,
  PodDisruptionBudgetStatus,
} from '#api/generated/types.gen.ts';
import { conditionOf } from '#api/meta/conditions.ts';
import { controllerOf } from '#api/meta/controller-of.ts';
import type { Stored } from '#api/meta/object.ts';
import { isPodReady } from '#api/pods/state.ts';
import { rfc3339 } from '#base/clock.ts';
import { resolveIntOrPercent } from '../shared/int-or-percent.ts';

/** An allowed eviction whose pod still exists after this time is assumed to have failed. */
const evictionTimeoutMs = 2 * 60_000;

export interface DisruptionView {
  readonly budget: Stored<PodDisruptionBudget>;
  readonly pods: readonly Stored<Pod>[];
  /** The total desired replicas of the pods' controllers; an error when it cannot be determined. */
  readonly scale: number | Error;
  readonly nowMs: number;
}

/** What is so with a budget now: `disruption.ts` makes the actions of a plan of it. */
export interface BudgetState {
  readonly status: PodDisruptionBudgetStatus;
  /** Pods whose allowed eviction timed out. */
  readonly overdue: Stored<Pod>[];
  /** The scale of controllers is needed, and some pods have none. */
  readonly hasUnmanaged: boolean;
  /** Why pods could not be counted. */
  readonly failure?: string;
  /** Time until the next recorded eviction times out. */
  readonly againInMs?: number;
}

export function decideDisruption(view: DisruptionView): BudgetState {
  const { budget, pods, nowMs } = view;
  const { disrupted, overdue } = stillDisrupted(budget, pods, nowMs);
  const wanted = wantedOf(view);
  const counts = wanted instanceof Error ? undefined : wanted;
  const failure = wanted instanceof Error ? wanted.message : undefined;
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
      conditions: conditionsOf(budget, failure, allowed, nowMs),
    },
    overdue,
    hasUnmanaged: counts !== undefined && asksControllers(budget) && pods.some((pod) => !controllerOf(pod)),
    ...(failure === undefined ? {} : { failure }),
    ...(times.length > 0 ? { againInMs: Math.max(1, Math.min(...times)) } : {}),
  };
}

function asksControllers({ spec }: PodDisruptionBudget): boolean {
  return spec?.maxUnavailable !== undefined || typeof spec?.minAvailable === 'string';
}

function wantedOf({ budget, pods, scale }: DisruptionView): { expected: number; desired: number } | Error {
  const { minAvailable, maxUnavailable } = budget.spec ?? {};
  if (maxUnavailable !== undefined) {
    if (scale instanceof Error) return scale;
    return {
      expected: scale,
      desired: Math.max(0, scale - resolveIntOrPercent(maxUnavailable, scale, 'up')),
    };
  }
  if (typeof minAvailable === 'string') {
    if (scale instanceof Error) return scale;
    return { expected: scale, desired: resolveIntOrPercent(minAvailable, scale, 'up') };
  }
  return { expected: pods.length, desired: minAvailable ?? 0 };
}

/** Pods whose eviction was allowed and that are not terminating yet. */
function stillDisrupted(
  budget: PodDisruptionBudget,
  pods: readonly Stored<Pod>[],
  nowMs: number,
): { disrupted: Record<string, string>; overdue: Stored<Pod>[] } {
  const disrupted: Record<string, string> = {};
  const overdue: Stored<Pod>[] = [];
  for (const pod of pods) {
    const { name, deletionTimestamp } = pod.metadata;
    const at = budget.status?.disruptedPods?.[name];
    if (at === undefined || deletionTimestamp) continue;
    if (Date.parse(at) + evictionTimeoutMs > nowMs) disrupted[name] = at;
    else overdue.push(pod);
  }
  return { disrupted, overdue };
}

function conditionsOf(
  budget: Stored<PodDisruptionBudget>,
  failure: string | undefined,
  allowed: number,
  nowMs: number,
): Condition[] {
  const status = failure === undefined && allowed > 0 ? 'True' : 'False';
  const counted = allowed > 0 ? 'SufficientPods' : 'InsufficientPods';
  const reason = failure === undefined ? counted : 'SyncFailed';
  const message = failure ?? '';
  const before = conditionOf(budget.status, 'DisruptionAllowed');
  const lastTransitionTime = before?.status === status ? before.lastTransitionTime : rfc3339(nowMs);
  const others = budget.status?.conditions?.filter(({ type }) => type !== 'DisruptionAllowed') ?? [];
  return [
    ...others,
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
