/** Warnings for a Service: ignored fields, deprecated names, unusual forms of addresses. */

import { appendAll } from '#base/append-all.ts';
import type { Service, ServiceSpec } from '../../generated/types.gen.ts';
import { addressWarnings, rangeWarnings } from '../../validation/ip-warnings.ts';
import { topologyHints } from './validation.ts';

export function serviceWarnings({ metadata, spec = {} }: Service): string[] {
  const warnings: string[] = [];
  if (metadata?.annotations?.[topologyHints] !== undefined) {
    warnings.push(
      `annotation ${topologyHints} is deprecated, please use service.kubernetes.io/topology-mode instead`,
    );
  }
  const isHeadless = spec.clusterIP === 'None';
  if (!isHeadless) appendAll(warnings, each(spec.clusterIPs, 'clusterIPs', addressWarnings));
  if (isHeadless) appendAll(warnings, headlessWarnings(spec));
  appendAll(warnings, each(spec.externalIPs, 'externalIPs', addressWarnings));
  if (spec.externalIPs?.length && !isHeadless && spec.type !== 'ExternalName') {
    warnings.push('spec.externalIPs is deprecated and may no longer be implemented in some clusters');
  }
  if (spec.loadBalancerIP) appendAll(warnings, addressWarnings('spec.loadBalancerIP', spec.loadBalancerIP));
  appendAll(warnings, each(spec.loadBalancerSourceRanges, 'loadBalancerSourceRanges', rangeWarnings));
  const isAlias = spec.type === 'ExternalName';
  if (isAlias && spec.externalIPs?.length) {
    warnings.push('spec.externalIPs is ignored when spec.type is "ExternalName"');
  }
  if (!isAlias && spec.externalName) {
    warnings.push('spec.externalName is ignored when spec.type is not "ExternalName"');
  }
  if (spec.trafficDistribution === 'PreferClose') {
    warnings.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"');
  }
  return warnings;
}

function headlessWarnings(spec: ServiceSpec): string[] {
  const ignored: string[] = [];
  if (spec.loadBalancerIP) ignored.push('spec.loadBalancerIP');
  if (spec.externalIPs?.length) ignored.push('spec.externalIPs');
  if (spec.sessionAffinity !== 'None') ignored.push('spec.SessionAffinity');
  return ignored.map((field) => `${field} is ignored for headless services`);
}

function each(
  values: readonly string[] | undefined,
  key: string,
  look: (field: string, value: string) => string[],
): string[] {
  return (values ?? []).flatMap((value, i) => look(`spec.${key}[${i}]`, value));
}
