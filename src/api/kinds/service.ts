/** Service: defaults of type, ports and traffic policies; what a change of type takes away. */

import type { Strategy } from '../strategy.ts';
import type { Service, ServiceSpec } from '../types.gen.ts';
import { keepStatus } from './status-handling.ts';

/** Three hours. */
const affinityTimeoutSeconds = 10800;

export const service: Strategy<Service> = {
  hasGeneration: false,
  allowCreateOnUpdate: true,

  setDefaults(service) {
    service.spec ??= {} as ServiceSpec;
    const spec = service.spec;
    spec.sessionAffinity ||= 'None';
    setAffinityConfig(spec);
    spec.type ||= 'ClusterIP';
    for (const port of spec.ports ?? []) {
      port.protocol ||= 'TCP';
      if (!port.targetPort) port.targetPort = port.port;
    }
    if (isExternallyReachable(spec)) spec.externalTrafficPolicy ||= 'Cluster';
    if (spec.type !== 'ExternalName') spec.internalTrafficPolicy ||= 'Cluster';
    if (spec.type === 'LoadBalancer') {
      spec.allocateLoadBalancerNodePorts ??= true;
      for (const ingress of service.status?.loadBalancer?.ingress ?? []) {
        if (ingress.ip) ingress.ipMode ??= 'VIP';
      }
    }
  },

  prepareForCreate(service) {
    service.status = { loadBalancer: {} };
  },

  prepareForUpdate(service, old) {
    keepStatus(service, old);
    const spec = service.spec!;
    keepAllocated(spec, old.spec!);
    dropForeignFields(spec, old.spec!);
  },

  selectableFields(service) {
    return { 'spec.clusterIP': service.spec?.clusterIP ?? '', 'spec.type': service.spec?.type ?? '' };
  },
};

function setAffinityConfig(spec: ServiceSpec): void {
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig;
  if (spec.sessionAffinity !== 'ClientIP') return;
  spec.sessionAffinityConfig ??= {};
  const config = spec.sessionAffinityConfig;
  config.clientIP ??= {};
  config.clientIP.timeoutSeconds ??= affinityTimeoutSeconds;
}

function isExternallyReachable(spec: ServiceSpec): boolean {
  if (spec.type === 'LoadBalancer' || spec.type === 'NodePort') return true;
  return spec.type === 'ClusterIP' && (spec.externalIPs?.length ?? 0) > 0;
}

const hasClusterIp = (spec: ServiceSpec) => spec.type !== 'ExternalName';
const hasNodePorts = (spec: ServiceSpec) => spec.type === 'NodePort' || spec.type === 'LoadBalancer';

/** An update that says nothing of what the server allocated keeps it. */
function keepAllocated(spec: ServiceSpec, old: ServiceSpec): void {
  if (hasClusterIp(old) && hasClusterIp(spec)) {
    if (!spec.clusterIP && !spec.clusterIPs?.length) {
      spec.clusterIP = old.clusterIP;
      spec.clusterIPs = structuredClone(old.clusterIPs);
    }
    spec.ipFamilyPolicy ??= old.ipFamilyPolicy;
    spec.ipFamilies ??= structuredClone(old.ipFamilies);
  }
  keepPrimaryIpInStep(spec, old);
  if (hasNodePorts(old) && hasNodePorts(spec)) keepNodePorts(spec, old);
  if (needsHealthCheckPort(old) && needsHealthCheckPort(spec)) {
    spec.healthCheckNodePort ||= old.healthCheckNodePort;
  }
}

/** Old clients change `clusterIP` alone and send back the `clusterIPs` they read. */
function keepPrimaryIpInStep(spec: ServiceSpec, old: ServiceSpec): void {
  const sameList = JSON.stringify(spec.clusterIPs ?? []) === JSON.stringify(old.clusterIPs ?? []);
  if (spec.clusterIP === old.clusterIP || !sameList) {
    if (!spec.clusterIP && spec.clusterIPs?.length && old.clusterIP === spec.clusterIP) {
      spec.clusterIP = spec.clusterIPs[0];
    } else if (spec.clusterIP && !spec.clusterIPs?.length) {
      spec.clusterIPs = [spec.clusterIP];
    }
    return;
  }
  if (!spec.clusterIP) delete spec.clusterIPs;
  else spec.clusterIPs = [spec.clusterIP];
}

function keepNodePorts(spec: ServiceSpec, old: ServiceSpec): void {
  const key = (port: { port: number; protocol?: string }) => `${port.protocol}/${port.port}`;
  const before = new Map((old.ports ?? []).map((port) => [key(port), port.nodePort]));
  const taken = new Set((spec.ports ?? []).map((port) => port.nodePort).filter(Boolean));
  for (const port of spec.ports ?? []) {
    const nodePort = before.get(key(port));
    if (port.nodePort || !nodePort || taken.has(nodePort)) continue;
    port.nodePort = nodePort;
    taken.add(nodePort);
  }
}

function needsHealthCheckPort(spec: ServiceSpec): boolean {
  return spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';
}

/** A new type drops what belonged only to the old one, unless the caller set it to something new. */
function dropForeignFields(spec: ServiceSpec, old: ServiceSpec): void {
  if (hasClusterIp(old) && !hasClusterIp(spec)) {
    if (spec.clusterIP === old.clusterIP) {
      delete spec.clusterIP;
      delete spec.clusterIPs;
    }
    if (spec.ipFamilyPolicy === old.ipFamilyPolicy) delete spec.ipFamilyPolicy;
    if (same(spec.ipFamilies, old.ipFamilies)) delete spec.ipFamilies;
    if (spec.internalTrafficPolicy === old.internalTrafficPolicy) delete spec.internalTrafficPolicy;
  }
  if (hasNodePorts(old) && !hasNodePorts(spec)) dropOldNodePorts(spec, old);
  if (needsHealthCheckPort(old) && !needsHealthCheckPort(spec)) {
    if (spec.healthCheckNodePort === old.healthCheckNodePort) delete spec.healthCheckNodePort;
  }
  if (old.type === 'LoadBalancer' && spec.type !== 'LoadBalancer') {
    if (spec.allocateLoadBalancerNodePorts === old.allocateLoadBalancerNodePorts) {
      delete spec.allocateLoadBalancerNodePorts;
    }
    if (spec.loadBalancerClass === old.loadBalancerClass) delete spec.loadBalancerClass;
  }
  if (isExternallyReachable(old) && !isExternallyReachable(spec)) {
    if (spec.externalTrafficPolicy === old.externalTrafficPolicy) delete spec.externalTrafficPolicy;
  }
  if (old.type === 'ExternalName' && spec.type !== 'ExternalName' && spec.externalName === old.externalName) {
    delete spec.externalName;
  }
}

function dropOldNodePorts(spec: ServiceSpec, old: ServiceSpec): void {
  const used = new Set((old.ports ?? []).map((port) => port.nodePort));
  for (const port of spec.ports ?? []) if (used.has(port.nodePort)) delete port.nodePort;
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
