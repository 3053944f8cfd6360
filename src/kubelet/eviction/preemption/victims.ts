/**
 * Which pods of a full node end for a critical one: as few as possible, BestEffort before Burstable before
 * Guaranteed, and among equals those that request least. Pure; follows upstream's `getPodsToPreempt`.
 */

import { amountOf, plainAmounts } from '#api/pods/plain-amounts.ts';
import { podQosClass } from '#api/pods/qos.ts';
import { podRequests } from '#api/pods/resources.ts';
import { isCriticalPod } from '#api/pods/system-priority.ts';
import type { NodePod } from '../../pod/pod.ts';

/** What has to become free: amounts by resource, cpu in thousandths, `pods` in pods. */
export type Missing = ReadonlyMap<string, number>;

/** Undefined when the pods that may be preempted together do not hold what is missing. */
export function victimsFor(
  preemptor: NodePod,
  pods: readonly NodePod[],
  missing: Missing,
): NodePod[] | undefined {
  const preemptable = pods.filter((pod) => mayPreempt(preemptor, pod));
  const [bestEffort, burstable, guaranteed] = (['BestEffort', 'Burstable', 'Guaranteed'] as const).map(
    (qosClass) => preemptable.filter((pod) => podQosClass(pod) === qosClass),
  ) as [NodePod[], NodePod[], NodePod[]];
  if (without(missing, preemptable).size > 0) return undefined;
  // Of each class only what is still missing when all pods of lower classes are gone.
  const third = nearest(guaranteed, without(missing, [...bestEffort, ...burstable]));
  const second = nearest(burstable, without(missing, [...bestEffort, ...third]));
  const first = nearest(bestEffort, without(missing, [...second, ...third]));
  return [...first, ...second, ...third];
}

function mayPreempt(preemptor: NodePod, pod: NodePod): boolean {
  if (isCriticalPod(preemptor) && !isCriticalPod(pod)) return true;
  const [own, others] = [preemptor.spec.priority, pod.spec.priority];
  return own !== undefined && others !== undefined && own > others;
}

/** One pod after the other, each the one that leaves the least missing. `pods` hold all that is missing. */
function nearest(pods: readonly NodePod[], missing: Missing): NodePod[] {
  const left = [...pods];
  const chosen: NodePod[] = [];
  for (let still = missing; still.size > 0; still = without(still, chosen.slice(-1))) {
    const best = left.reduce((best, pod) => (isNearer(pod, best, still) ? pod : best));
    chosen.push(best);
    left.splice(left.indexOf(best), 1);
  }
  return chosen;
}

function isNearer(pod: NodePod, than: NodePod, missing: Missing): boolean {
  const [own, other] = [distance(pod, missing), distance(than, missing)];
  return own < other || (own === other && requestsLess(pod, than));
}

/** The share of each amount that would still be missing without the pod, squared, so that all amounts weigh the same. */
function distance(pod: NodePod, missing: Missing): number {
  let sum = 0;
  for (const [resource, amount] of missing) {
    const rest = amount - requestOf(pod, resource);
    if (rest > 0) sum += (rest / amount) ** 2;
  }
  return sum;
}

function requestsLess(pod: NodePod, than: NodePod): boolean {
  for (const resource of ['memory', 'cpu']) {
    const difference = requestOf(pod, resource) - requestOf(than, resource);
    if (difference !== 0) return difference < 0;
  }
  return true;
}

function without(missing: Missing, pods: readonly NodePod[]): Missing {
  const rest = new Map<string, number>();
  for (const [resource, amount] of missing) {
    const left = pods.reduce((left, pod) => left - requestOf(pod, resource), amount);
    if (left > 0) rest.set(resource, left);
  }
  return rest;
}

function requestOf(pod: NodePod, resource: string): number {
  return resource === 'pods' ? 1 : amountOf(podRequests(plainAmounts, pod), resource);
}
