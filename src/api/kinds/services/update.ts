/** An update of a service: allocated fields are kept, fields of the old type are dropped. */

import type { ServiceSpec } from '../../generated/types.gen.ts';
import { deepEqual } from '../../schema/deep-equal.ts';
import {
  getsNodePorts,
  hasClusterIp,
  hasNodePorts,
  isExternallyReachable,
  needsHealthCheckPort,
} from './types.ts';

/** Keeps allocated fields that the update omits. */
export function keepAllocated(spec: ServiceSpec, old: ServiceSpec): void {
  if (hasClusterIp(old) && hasClusterIp(spec)) {
    spec.clusterIP ||= old.clusterIP;
    if (!spec.clusterIPs?.length && old.clusterIPs) spec.clusterIPs = [...old.clusterIPs];
  }
  if (getsNodePorts(old) && getsNodePorts(spec)) keepNodePorts(spec, old);
  if (needsHealthCheckPort(old) && needsHealthCheckPort(spec)) {
    spec.healthCheckNodePort ||= old.healthCheckNodePort;
  }
}

/** By the name of the port, whatever else of it has changed. */
function keepNodePorts(spec: ServiceSpec, old: ServiceSpec): void {
  const used = nodePortsOf(spec).intersection(nodePortsOf(old));
  const before = new Map((old.ports ?? []).map(({ name = '', nodePort }) => [name, nodePort]));
  for (const port of spec.ports ?? []) {
    const nodePort = before.get(port.name ?? '');
    if (!port.nodePort && nodePort && !used.has(nodePort)) port.nodePort = nodePort;
  }
}

/** With a new type, fields that only the old type uses are dropped, unless the client changed them. */
export function dropForeignFields(spec: ServiceSpec, old: ServiceSpec): void {
  const drop = (...keys: (keyof ServiceSpec)[]) => {
    for (const key of keys) if (deepEqual(spec[key], old[key])) delete spec[key];
  };
  const lost = (test: (service: ServiceSpec) => boolean) => test(old) && !test(spec);
  if (lost(hasClusterIp)) {
    drop('clusterIP', 'clusterIPs', 'ipFamilyPolicy', 'ipFamilies', 'internalTrafficPolicy');
  }
  if (lost(hasNodePorts)) dropOldNodePorts(spec, old);
  if (lost(needsHealthCheckPort)) drop('healthCheckNodePort');
  if (lost((service) => service.type === 'LoadBalancer')) {
    drop('allocateLoadBalancerNodePorts', 'loadBalancerClass');
  }
  if (lost(isExternallyReachable)) drop('externalTrafficPolicy');
  if (lost((service) => service.type === 'ExternalName')) drop('externalName');
}

function dropOldNodePorts(spec: ServiceSpec, old: ServiceSpec): void {
  if (!nodePortsOf(spec).isSubsetOf(nodePortsOf(old))) return;
  for (const port of spec.ports ?? []) delete port.nodePort;
}

function nodePortsOf({ ports }: ServiceSpec): Set<number> {
  return new Set((ports ?? []).flatMap(({ nodePort }) => nodePort || []));
}
