/** Which Services and nodes a cloud's load balancers are for. */

import type { Node, Service } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { isMarked } from '../../shared/protection-finalizer.ts';

export const cleanupFinalizer = 'service.kubernetes.io/load-balancer-cleanup';

const excludeLabel = 'node.kubernetes.io/exclude-from-external-load-balancers';
const toBeDeletedTaint = 'ToBeDeletedByClusterAutoscaler';

/** With a class it is another controller's. */
export function wantsLoadBalancer({ spec }: Service): boolean {
  return spec?.type === 'LoadBalancer' && spec.loadBalancerClass === undefined;
}

export function needsCleanup(service: Stored<Service>): boolean {
  if (!isMarked(service, cleanupFinalizer)) return false;
  return service.metadata.deletionTimestamp !== undefined || service.spec?.type !== 'LoadBalancer';
}

/** Whether an update of the Service concerns its load balancer, as upstream's `needsUpdate`. */
export function needsUpdate(old: Stored<Service>, now: Stored<Service>): boolean {
  if (!wantsLoadBalancer(old) && !wantsLoadBalancer(now)) return false;
  return concern(old) !== concern(now);
}

function concern(service: Stored<Service>): string {
  const { metadata, spec = {} } = service;
  return JSON.stringify([
    wantsLoadBalancer(service),
    metadata.uid,
    sortedPairs(metadata.annotations),
    spec.loadBalancerSourceRanges ?? null,
    spec.ports?.map(({ name, protocol, port, nodePort, targetPort, appProtocol }) => [
      ...[name, protocol, port, nodePort, targetPort, appProtocol],
    ]),
    [spec.sessionAffinity, spec.sessionAffinityConfig, spec.loadBalancerIP, spec.externalIPs ?? []],
    [spec.externalTrafficPolicy, spec.healthCheckNodePort, spec.ipFamilies?.length],
  ]);
}

function sortedPairs(map: Readonly<Record<string, string>> = {}): [string, string][] {
  return Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The nodes that a load balancer may send to. Readiness does not count: the balancer checks health itself. */
export function balancedNodes(nodes: readonly Stored<Node>[]): Stored<Node>[] {
  return nodes.filter(
    (node) =>
      node.metadata.deletionTimestamp === undefined &&
      isIncluded(node) &&
      !node.spec?.taints?.some(({ key }) => key === toBeDeletedTaint),
  );
}

export function isIncluded({ metadata }: Stored<Node>): boolean {
  const label = metadata.labels?.[excludeLabel];
  // What is no boolean excludes as well.
  return label === undefined || ['0', 'f', 'F', 'false', 'False', 'FALSE'].includes(label);
}

/** The same for sets of nodes that need no update. */
export function nodesText(nodes: readonly Stored<Node>[]): string {
  return nodes
    .map(({ metadata, spec }) => `${metadata.name} ${spec?.providerID ?? ''}`)
    .sort()
    .join('\n');
}
