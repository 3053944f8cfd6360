/** The requests of all pods of a node fit into what the node offers. */

import { addAmounts, amountOf, noAmounts, type PlainAmounts, plainAmounts } from '#api/pods/plain-amounts.ts';
import { podRequests } from '#api/pods/resources.ts';
import type { NodePod } from '../pod/pod.ts';
import { type Rejection, rejection } from './rejection.ts';

/** Of the others counts what they still hold during a resize, too. */
export function tooLittleLeft(
  pod: NodePod,
  others: readonly NodePod[],
  allocatable: Record<string, string>,
): Rejection | undefined {
  const podsMax = Number(allocatable['pods'] ?? Number.POSITIVE_INFINITY);
  if (others.length + 1 > podsMax) return outOf('pods', 1, others.length, podsMax);
  const wanted = podRequests(plainAmounts, pod);
  const used = noAmounts();
  for (const other of others) addAmounts(used, podRequests(plainAmounts, other, { useStatus: true }));
  const offered = plainAmounts.of(allocatable);
  for (const name of namesOf(wanted)) {
    // Extended resources of the whole cluster, which no node offers, are none of the kubelet's business.
    if (name.includes('/') && allocatable[name] === undefined) continue;
    const [wants, uses, has] = [amountOf(wanted, name), amountOf(used, name), amountOf(offered, name)];
    if (wants > 0 && uses + wants > has) return outOf(name, wants, uses, has);
  }
  return undefined;
}

function namesOf({ scalars }: PlainAmounts): string[] {
  return ['cpu', 'memory', 'ephemeral-storage', ...(scalars?.keys() ?? [])];
}

function outOf(name: string, requested: number, used: number, capacity: number): Rejection {
  const numbers = `requested: ${requested}, used: ${used}, capacity: ${capacity}`;
  return rejection(`OutOf${name}`, `Node didn't have enough resource: ${name}, ${numbers}`);
}
