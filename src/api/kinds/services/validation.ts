/** Validation of a Service, and its immutable fields. */

import type { Service, ServiceSpec } from '../../generated/types.gen.ts';
import { validateLabels } from '../../meta/validation.ts';
import { checkField, checkOneOf, checkOneOfIfGiven, checkPort } from '../../validation/field-checks.ts';
import { type FieldError, forbiddenField, invalidValue, required } from '../../validation/field-error.ts';
import { checkCidr, checkIp, checkNotSpecialIp } from '../../validation/ip-checks.ts';
import { dns1123Subdomain, qualifiedName } from '../../validation/validators.ts';
import { validateClusterIps, validateClusterIpsUpdate } from './cluster-ips.ts';
import { validatePorts, validatePortUniqueness } from './ports.ts';
import { isExternallyReachable, isHeadless, needsHealthCheckPort } from './types.ts';

const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const loadBalancerOnly = "may only be used when `type` is 'LoadBalancer'";

/** `old`: its addresses may stay, in any form. */
export function validateService(service: Service, old?: Service): FieldError[] {
  const spec = service.spec!;
  const errors = validateTopologyAnnotations(service.metadata?.annotations ?? {});
  if (!spec.ports?.length && !isHeadless(spec) && spec.type !== 'ExternalName') {
    errors.push(required('spec.ports'));
  }
  errors.push(...validateType(spec));
  errors.push(...validatePorts(spec.ports ?? []));
  errors.push(...validateLabels(spec.selector, 'spec.selector'));
  errors.push(...checkOneOf('spec.sessionAffinity', spec.sessionAffinity, ['ClientIP', 'None']));
  errors.push(...validateAffinity(spec));
  errors.push(...validateClusterIps(spec, old?.spec));
  for (const [i, ip] of (spec.externalIPs ?? []).entries()) {
    const wrong = checkIp(`spec.externalIPs[${i}]`, ip, old?.spec?.externalIPs);
    errors.push(...(wrong.length > 0 ? wrong : checkNotSpecialIp(`spec.externalIPs[${i}]`, ip)));
  }
  errors.push(...checkOneOf('spec.type', spec.type, types));
  errors.push(...validatePortUniqueness(spec));
  errors.push(...validateSourceRanges(service, old));
  errors.push(...validateLoadBalancer(spec));
  return [...errors, ...validateTrafficPolicies(spec)];
}

export const topologyHints = 'service.kubernetes.io/topology-aware-hints';
const topologyMode = 'service.kubernetes.io/topology-mode';

/** The deprecated annotation and the new one must agree. */
function validateTopologyAnnotations(annotations: Record<string, string>): FieldError[] {
  const [hints, mode] = [annotations[topologyHints], annotations[topologyMode]];
  if (mode === undefined || hints === undefined || mode === hints) return [];
  const text = `must match annotations[${topologyHints}] when both are specified`;
  return [invalidValue(`metadata.annotations[${topologyMode}]`, mode, text)];
}

function validateType(spec: ServiceSpec): FieldError[] {
  if (isHeadless(spec) && (spec.type === 'LoadBalancer' || spec.type === 'NodePort')) {
    return [invalidValue('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${spec.type} services`)];
  }
  if (spec.type !== 'ExternalName') return [];
  const errors: FieldError[] = [];
  const text = 'may not be set for ExternalName services';
  if (spec.clusterIPs?.length) errors.push(forbiddenField('spec.clusterIPs', text));
  if (spec.ipFamilies?.length) errors.push(forbiddenField('spec.ipFamilies', text));
  if (spec.ipFamilyPolicy !== undefined) errors.push(forbiddenField('spec.ipFamilyPolicy', text));
  const name = (spec.externalName ?? '').replace(/\.$/, '');
  if (!name) errors.push(required('spec.externalName'));
  else errors.push(...checkField('spec.externalName', name, dns1123Subdomain));
  return errors;
}

const affinityMaxSeconds = 86400;

function validateAffinity(spec: ServiceSpec): FieldError[] {
  const path = 'spec.sessionAffinityConfig';
  const config = spec.sessionAffinityConfig;
  if (spec.sessionAffinity === 'None') {
    return config ? [forbiddenField(path, 'must not be set when session affinity is None')] : [];
  }
  if (spec.sessionAffinity !== 'ClientIP') return [];
  const text = 'when session affinity type is ClientIP';
  if (!config) return [required(path, text)];
  if (!config.clientIP) return [required(`${path}.clientIP`, text)];
  const seconds = config.clientIP.timeoutSeconds;
  const field = `${path}.clientIP.timeoutSeconds`;
  if (seconds === undefined) return [required(field, text)];
  if (seconds > 0 && seconds <= affinityMaxSeconds) return [];
  return [invalidValue(field, seconds, `must be greater than 0 and less than ${affinityMaxSeconds}`)];
}

const sourceRanges = 'service.beta.kubernetes.io/load-balancer-source-ranges';

/** The field or, if it is empty, the old annotation. */
function validateSourceRanges({ spec, metadata }: Service, old: Service | undefined): FieldError[] {
  const ranges = spec?.loadBalancerSourceRanges ?? [];
  const annotation = metadata?.annotations?.[sourceRanges];
  if (ranges.length === 0 && annotation === undefined) return [];
  const at = ranges.length > 0 ? 'spec.LoadBalancerSourceRanges' : `metadata.annotations[${sourceRanges}]`;
  const errors = spec?.type === 'LoadBalancer' ? [] : [forbiddenField(at, loadBalancerOnly)];
  if (ranges.length > 0) {
    const kept = (old?.spec?.loadBalancerSourceRanges ?? []).map((range) => range.trim());
    return [...errors, ...ranges.flatMap((range, i) => checkCidr(`${at}[${i}]`, range.trim(), kept))];
  }
  const kept = rangesIn(old?.metadata?.annotations?.[sourceRanges]);
  return [...errors, ...rangesIn(annotation).flatMap((range) => checkCidr(at, range, kept))];
}

function rangesIn(annotation = ''): string[] {
  return annotation.trim() === '' ? [] : annotation.split(',').map((range) => range.trim());
}

function validateLoadBalancer(spec: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  const isLoadBalancer = spec.type === 'LoadBalancer';
  if (spec.allocateLoadBalancerNodePorts !== undefined && !isLoadBalancer) {
    errors.push(forbiddenField('spec.allocateLoadBalancerNodePorts', loadBalancerOnly));
  }
  if (spec.allocateLoadBalancerNodePorts === undefined && isLoadBalancer) {
    errors.push(required('spec.allocateLoadBalancerNodePorts'));
  }
  return [...errors, ...validateLoadBalancerClass(spec)];
}

function validateLoadBalancerClass({ type, loadBalancerClass }: ServiceSpec): FieldError[] {
  if (loadBalancerClass === undefined) return [];
  if (type !== 'LoadBalancer') return [forbiddenField('spec.loadBalancerClass', loadBalancerOnly)];
  return checkField('spec.loadBalancerClass', loadBalancerClass, qualifiedName);
}

const policies = ['Cluster', 'Local'];
const distributions = ['PreferClose', 'PreferSameZone', 'PreferSameNode'];

function validateTrafficPolicies(spec: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  const external = spec.externalTrafficPolicy;
  if (isExternallyReachable(spec)) {
    errors.push(...checkOneOf('spec.externalTrafficPolicy', external, policies));
  } else if (external) {
    const text = 'may only be set for externally-accessible services';
    errors.push(invalidValue('spec.externalTrafficPolicy', external, text));
  }
  const port = spec.healthCheckNodePort;
  if (needsHealthCheckPort(spec)) {
    if (!port) errors.push(required('spec.healthCheckNodePort'));
    else errors.push(...checkPort('spec.healthCheckNodePort', port));
  } else if (port) {
    const text = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    errors.push(invalidValue('spec.healthCheckNodePort', port, text));
  }
  const internal = spec.internalTrafficPolicy;
  if (internal === undefined && spec.type !== 'ExternalName') {
    errors.push(required('spec.internalTrafficPolicy'));
  }
  return [
    ...errors,
    ...checkOneOfIfGiven('spec.internalTrafficPolicy', internal, policies),
    ...checkOneOfIfGiven('spec.trafficDistribution', spec.trafficDistribution, distributions),
  ];
}

export function validateServiceUpdate(service: Service, old: Service): FieldError[] {
  const [spec, before] = [service.spec!, old.spec!];
  const errors = validateClusterIpsUpdate(spec, before);
  const bothBalance = spec.type === 'LoadBalancer' && before.type === 'LoadBalancer';
  if (bothBalance && spec.loadBalancerClass !== before.loadBalancerClass) {
    errors.push(invalidValue('spec.loadBalancerClass', spec.loadBalancerClass, 'may not change once set'));
  }
  // Upstream validates it here and again with the other fields.
  errors.push(...validateLoadBalancerClass(spec));
  if (needsHealthCheckPort(spec) && needsHealthCheckPort(before)) {
    if (spec.healthCheckNodePort !== before.healthCheckNodePort) {
      errors.push(forbiddenField('spec.healthCheckNodePort', 'field is immutable'));
    }
  }
  return [...errors, ...validateService(service, old)];
}
