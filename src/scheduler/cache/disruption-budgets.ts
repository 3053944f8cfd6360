/** Which pods are protected by a PodDisruptionBudget that allows no further disruption. */

import type { PodDisruptionBudget } from '#api/generated/types.gen.ts';
import type { PodInfo } from './pod-info.ts';
import { compileLabelSelector } from './selectors.ts';

/** Simulates the removal of `pods` in order; returns those that violate a budget. */
export function violating(
  pods: readonly PodInfo[],
  budgetsIn: (namespace: string) => readonly PodDisruptionBudget[],
): Set<PodInfo> {
  const left = new Map<PodDisruptionBudget, number>();
  const found = new Set<PodInfo>();
  for (const pod of pods) {
    for (const budget of budgetsIn(pod.namespace)) {
      if (!covers(budget, pod)) continue;
      const allowed = (left.get(budget) ?? budget.status?.disruptionsAllowed ?? 0) - 1;
      left.set(budget, allowed);
      if (allowed < 0) found.add(pod);
    }
  }
  return found;
}

/**
 * A pod whose eviction the budget counts already is not counted twice; an empty selector covers nothing here.
 */
function covers(budget: PodDisruptionBudget, pod: PodInfo): boolean {
  const selector = budget.spec?.selector;
  const isEmpty =
    Object.keys(selector?.matchLabels ?? {}).length === 0 && !selector?.matchExpressions?.length;
  if (isEmpty || budget.status?.disruptedPods?.[pod.pod.metadata.name]) return false;
  return compileLabelSelector(selector)(pod.labels);
}
