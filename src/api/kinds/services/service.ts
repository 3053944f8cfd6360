/** Service: a stable address for pods; its addresses and ports are allocated by the server. */

import { services } from '../../generated/kinds.gen.ts';
import type { Service, ServicePort, ServiceSpec } from '../../generated/types.gen.ts';
import { ageOf, formatLabels, nameOf, orNone } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, column, nameColumn, wideColumn } from '../../kind/printer.ts';
import type { QuotaRules, Usage } from '../../kind/quota.ts';
import { keepStatus } from '../../kind/status-handling.ts';
import { dns1123Label } from '../../validation/validators.ts';
import { normalizeClusterIps } from './cluster-ips.ts';
import { validateServiceStatus } from './status.ts';
import { isExternallyReachable } from './types.ts';
import { dropForeignFields, keepAllocated } from './update.ts';
import { validateService, validateServiceUpdate } from './validation.ts';
import { serviceWarnings } from './warnings.ts';

const serviceQuota: QuotaRules<Service> = {
  counts: (name) => name === 'services' || name.startsWith('services.'),
  growsThrough: '',
  usage({ spec }): Usage {
    const ports = String(spec?.ports?.length ?? 0);
    if (spec?.type === 'NodePort') return { services: '1', 'services.nodeports': ports };
    if (spec?.type !== 'LoadBalancer') return { services: '1' };
    const allocates = spec.allocateLoadBalancerNodePorts !== false;
    return {
      services: '1',
      'services.loadbalancers': '1',
      ...(allocates ? { 'services.nodeports': ports } : {}),
    };
  },
};

export const service = defineKind(services, {
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
    if (spec.type !== 'ExternalName') spec.internalTrafficPolicy ??= 'Cluster';
    if (spec.type !== 'LoadBalancer') return;
    spec.allocateLoadBalancerNodePorts ??= true;
    for (const ingress of service.status?.loadBalancer?.ingress ?? []) {
      if (ingress.ip) ingress.ipMode ??= 'VIP';
    }
  },

  prepareForCreate(service) {
    service.status = { loadBalancer: {} };
    normalizeClusterIps(service.spec!);
  },

  prepareForUpdate(service, old) {
    keepStatus(service, old);
    keepAllocated(service.spec!, old.spec!);
    normalizeClusterIps(service.spec!, old.spec);
    dropForeignFields(service.spec!, old.spec!);
  },

  validate: (service) => validateService(service),
  validateUpdate: validateServiceUpdate,
  validateStatusUpdate: validateServiceStatus,
  warnings: serviceWarnings,

  selectableFields(service) {
    return { 'spec.clusterIP': service.spec?.clusterIP ?? '', 'spec.type': service.spec?.type ?? '' };
  },
  nameRule: dns1123Label,
  quota: serviceQuota,
  storageFolder: 'services/specs',
  unbuilt: withoutTopology,
  printer: {
    columns: [
      nameColumn,
      column('Type'),
      column('Cluster-IP'),
      column('External-IP'),
      column('Port(s)'),
      ageColumn,
      wideColumn('Selector'),
    ],
    cells: (service, now) => [
      nameOf(service),
      service.spec?.type ?? '',
      orNone(service.spec?.clusterIPs?.[0]),
      externalAddresses(service),
      orNone((service.spec?.ports ?? []).map(portText).join(',')),
      ageOf(service, now),
      formatLabels(service.spec?.selector),
    ],
  },
});

function withoutTopology({ metadata }: Service): string | undefined {
  const mode = metadata?.annotations?.['service.kubernetes.io/topology-mode'];
  return mode?.toLowerCase() === 'auto'
    ? 'kybern does not spread traffic by topology-mode yet: use spec.trafficDistribution'
    : undefined;
}

function externalAddresses(service: Service): string {
  const external = service.spec?.externalIPs ?? [];
  switch (service.spec?.type) {
    case 'ClusterIP':
    case 'NodePort':
      return orNone(external.join(','));
    case 'LoadBalancer':
      return [...balancerAddresses(service), ...external].join(',') || '<pending>';
    case 'ExternalName':
      return service.spec.externalName ?? '';
    default:
      return '<unknown>';
  }
}

function balancerAddresses({ status }: Service): string[] {
  const addresses = (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip || hostname || '');
  return [...new Set(addresses.filter(Boolean))].sort();
}

function portText({ port, nodePort, protocol }: ServicePort): string {
  return nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`;
}

/** Three hours. */
const affinityTimeoutSeconds = 10800;

function setAffinityConfig(spec: ServiceSpec): void {
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig;
  if (spec.sessionAffinity !== 'ClientIP') return;
  spec.sessionAffinityConfig ??= {};
  spec.sessionAffinityConfig.clientIP ??= {};
  spec.sessionAffinityConfig.clientIP.timeoutSeconds ??= affinityTimeoutSeconds;
}
