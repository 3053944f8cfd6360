/** The requests of all pods of a node fit into what the node offers. */

import type { Container } from '#api/generated/types.gen.ts';
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
  const wanted = podRequests(plainAmounts, withoutClaimed(pod));
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

/** Without the extended resources that its containers get by a claim for devices: the scheduler has found room there. */
function withoutClaimed(pod: NodePod): NodePod {
  const mappings = pod.status?.extendedResourceClaimStatus?.requestMappings;
  if (!mappings) return pod;
  const unclaimed = (container: Container): Container => {
    const claimed = mappings.filter(({ containerName }) => containerName === container.name);
    const isClaimed = (resource: string) => claimed.some(({ resourceName }) => resourceName === resource);
    const requests = Object.entries(container.resources?.requests ?? {});
    const left = Object.fromEntries(requests.filter(([resource]) => !isClaimed(resource)));
    return { ...container, resources: { ...container.resources, requests: left } };
  };
  const { containers, initContainers = [] } = pod.spec;
  const spec = {
    ...pod.spec,
    containers: containers.map(unclaimed),
    initContainers: initContainers.map(unclaimed),
  };
  return { ...pod, spec };
}

function namesOf({ scalars }: PlainAmounts): string[] {
  return ['cpu', 'memory', 'ephemeral-storage', ...(scalars?.keys() ?? [])];
}
