/** Service: defaults of type, ports and traffic policies; what a change of type takes away. */

import type { Service, ServiceSpec } from '../../generated/types.gen.ts';
import { keepStatus } from '../shared/status-handling.ts';
import type { Strategy } from '../shared/strategy.ts';
import { normalizeClusterIps } from './cluster-ips.ts';
import { validateServiceStatus } from './status.ts';
import { isExternallyReachable } from './types.ts';
import { dropForeignFields, keepAllocated } from './update.ts';
import { validateService, validateServiceUpdate } from './validation.ts';
import { serviceWarnings } from './warnings.ts';

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
};

function setAffinityConfig(spec: ServiceSpec): void {
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig;
  if (spec.sessionAffinity !== 'ClientIP') return;
  spec.sessionAffinityConfig ??= {};
  spec.sessionAffinityConfig.clientIP ??= {};
  spec.sessionAffinityConfig.clientIP.timeoutSeconds ??= affinityTimeoutSeconds;
}
