/** Rules that depend on the type of a service. */

import type { ServiceSpec } from '../../generated/types.gen.ts';

export const hasClusterIp = (spec: ServiceSpec) => spec.type !== 'ExternalName';
export const hasNodePorts = (spec: ServiceSpec) => spec.type === 'NodePort' || spec.type === 'LoadBalancer';

/** Each of its ports gets a node port. */
export function getsNodePorts(spec: ServiceSpec): boolean {
  return hasNodePorts(spec) && (spec.type === 'NodePort' || spec.allocateLoadBalancerNodePorts !== false);
}

export function isExternallyReachable(spec: ServiceSpec): boolean {
  return hasNodePorts(spec) || (spec.type === 'ClusterIP' && (spec.externalIPs?.length ?? 0) > 0);
}

export function needsHealthCheckPort(spec: ServiceSpec): boolean {
  return spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';
}

/** The service has no cluster IP: clients resolve its pods. */
export function isHeadless({ clusterIPs }: ServiceSpec): boolean {
  return clusterIPs?.length === 1 && clusterIPs[0] === 'None';
}
