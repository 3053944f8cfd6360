/** An update of a service: allocated fields are kept, fields of the old type are dropped. */

import { copyJson } from '#base/copy-json.ts';
import type { ServicePort, ServiceSpec } from '../../generated/types.gen.ts';
import { deepEqual } from '../../schema/deep-equal.ts';
import { hasClusterIp, hasNodePorts, isExternallyReachable, needsHealthCheckPort } from './types.ts';

/** Keeps allocated fields that the update omits. */
export function keepAllocated(spec: ServiceSpec, old: ServiceSpec): void {
  if (hasClusterIp(old) && hasClusterIp(spec)) {
    spec.clusterIP ||= old.clusterIP;
    if (!spec.clusterIPs?.length && spec.clusterIP === old.clusterIP) {
      spec.clusterIPs = copyJson(old.clusterIPs);
    }
    spec.ipFamilyPolicy ??= old.ipFamilyPolicy;
    if (!spec.ipFamilies?.length) spec.ipFamilies = copyJson(old.ipFamilies);
  }
  if (hasNodePorts(old) && hasNodePorts(spec)) keepNodePorts(spec, old);
  if (needsHealthCheckPort(old) && needsHealthCheckPort(spec)) {
    spec.healthCheckNodePort ||= old.healthCheckNodePort;
  }
}

function keepNodePorts(spec: ServiceSpec, old: ServiceSpec): void {
  const key = (port: ServicePort) => `${port.protocol}/${port.port}`;
  const before = new Map((old.ports ?? []).map((port) => [key(port), port.nodePort]));
  const taken = new Set((spec.ports ?? []).map((port) => port.nodePort).filter(Boolean));
  for (const port of spec.ports ?? []) {
    const nodePort = before.get(key(port));
    if (port.nodePort || !nodePort || taken.has(nodePort)) continue;
    port.nodePort = nodePort;
    taken.add(nodePort);
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
  const used = new Set((old.ports ?? []).map((port) => port.nodePort));
  for (const port of spec.ports ?? []) if (used.has(port.nodePort)) delete port.nodePort;
}
