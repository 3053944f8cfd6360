/** The choice among the nodes where preemption can make room: upstream's criteria, one after the other. */

import type { PodInfo } from '../cache/pod-info.ts';
import { parseTime } from '../cache/times.ts';
import type { PreemptionCandidate } from '../framework.ts';

/**
 * Fewest violated disruption budgets, lowest highest victim priority, smallest sum of priorities, fewest victims, the
 * youngest of the victims with the highest priority. Undefined when there are none.
 */
export function cheapest(candidates: readonly PreemptionCandidate[]): PreemptionCandidate | undefined {
  let best: PreemptionCandidate | undefined;
  let bestCosts: number[] = [];
  for (const candidate of candidates) {
    const costs = costsOf(candidate);
    if (best && compare(costs, bestCosts) >= 0) continue;
    best = candidate;
    bestCosts = costs;
  }
  return best;
}

/** Orders pods: higher priority first, then the one that has run longer. */
export function moreImportant(a: PodInfo, b: PodInfo): number {
  return b.priority - a.priority || startMs(a) - startMs(b);
}

function startMs(pod: PodInfo): number {
  return parseTime(pod.pod.status?.startTime) ?? Number.MAX_SAFE_INTEGER;
}

/**
 * Compared in order; priorities are shifted so that a sum over more pods is never smaller. A candidate without victims
 * would have passed the filters; it wins nevertheless.
 */
function costsOf({ victims, brokenBudgets }: PreemptionCandidate): number[] {
  const top = victims[0]?.priority ?? Number.NEGATIVE_INFINITY;
  const sum = victims.reduce((total, victim) => total + victim.priority + 2 ** 31, 0);
  const earliestTopStartMs = victims
    .filter((victim) => victim.priority === top)
    .reduce((earliest, victim) => Math.min(earliest, startMs(victim)), Number.MAX_SAFE_INTEGER);
  return [brokenBudgets, top, sum, victims.length, -earliestTopStartMs];
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
}
