/** The requests of all pods of a node fit into what the node offers. */

import { addAmounts, amountOf, noAmounts, type PlainAmounts, plainAmounts } from '#api/pods/plain-amounts.ts';
import { podRequests } from '#api/pods/resources.ts';
import type { NodePod } from '../pod/pod.ts';
import { type Rejection, rejection } from './rejection.ts';

/** Of a resource the node has less left than a pod requests; cpu in thousandths, all else in its own unit. */
export interface Shortage {
  /** `pods` where the node has as many as it takes. */
  readonly resource: string;
  readonly requested: number;
  readonly used: number;
  readonly capacity: number;
}

/** The first shortage as upstream words it. */
export function tooLittleLeft(
  pod: NodePod,
  others: readonly NodePod[],
  allocatable: Record<string, string>,
): Rejection | undefined {
  const [first] = shortages(pod, others, allocatable);
  if (!first) return undefined;
  const { resource, requested, used, capacity } = first;
  const numbers = `requested: ${requested}, used: ${used}, capacity: ${capacity}`;
  return rejection(`OutOf${resource}`, `Node didn't have enough resource: ${resource}, ${numbers}`);
}

/** Of the others counts what they still hold during a resize, too. */
export function shortages(
  pod: NodePod,
  others: readonly NodePod[],
  allocatable: Record<string, string>,
): Shortage[] {
  const podsMax = Number(allocatable['pods'] ?? Number.POSITIVE_INFINITY);
  const wanted = podRequests(plainAmounts, pod);
  const used = noAmounts();
  for (const other of others) addAmounts(used, podRequests(plainAmounts, other, { useStatus: true }));
  const offered = plainAmounts.of(allocatable);
  // Extended resources of the whole cluster, which no node offers, are none of the kubelet's business.
  const names = namesOf(wanted).filter((name) => !name.includes('/') || allocatable[name] !== undefined);
  const amounts = names.map((resource) => ({
    resource,
    requested: amountOf(wanted, resource),
    used: amountOf(used, resource),
    capacity: amountOf(offered, resource),
  }));
  const pods = { resource: 'pods', requested: 1, used: others.length, capacity: podsMax };
  return [pods, ...amounts].filter(
    ({ requested, used, capacity }) => requested > 0 && used + requested > capacity,
  );
}

function namesOf({ scalars }: PlainAmounts): string[] {
  return ['cpu', 'memory', 'ephemeral-storage', ...(scalars?.keys() ?? [])];
}
