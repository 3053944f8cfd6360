/** What a Service's author should hear: what is ignored, what has a newer name, what is written unusually. */

import { formatIpv6, parseCidr, parseIp } from '../ip.ts';
import type { Service, ServiceSpec } from '../types.gen.ts';

const topologyHints = 'service.kubernetes.io/topology-aware-hints';

export function serviceWarnings({ metadata, spec = {} }: Service): string[] {
  const warnings: string[] = [];
  if (metadata?.annotations?.[topologyHints] !== undefined) {
    warnings.push(
      `annotation ${topologyHints} is deprecated, please use service.kubernetes.io/topology-mode instead`,
    );
  }
  const isHeadless = spec.clusterIP === 'None';
  if (!isHeadless) warnings.push(...each(spec.clusterIPs, 'clusterIPs', addressWarnings));
  if (isHeadless) warnings.push(...headlessWarnings(spec));
  warnings.push(...each(spec.externalIPs, 'externalIPs', addressWarnings));
  if (spec.loadBalancerIP) warnings.push(...addressWarnings('spec.loadBalancerIP', spec.loadBalancerIP));
  warnings.push(...each(spec.loadBalancerSourceRanges, 'loadBalancerSourceRanges', rangeWarnings));
  const isAlias = spec.type === 'ExternalName';
  if (isAlias && spec.externalIPs?.length) {
    warnings.push('spec.externalIPs is ignored when spec.type is "ExternalName"');
  }
  if (!isAlias && spec.externalName) {
    warnings.push('spec.externalName is ignored when spec.type is not "ExternalName"');
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

/** The other unusual forms are refused. */
function addressWarnings(field: string, value: string): string[] {
  const ip = parseIp(value);
  if (ip?.family !== 6 || formatIpv6(ip) === value) return [];
  return [
    `${field}: IPv6 address ${JSON.stringify(value)} should be in RFC 5952 canonical format ("${formatIpv6(ip)}")`,
  ];
}

function rangeWarnings(field: string, value: string): string[] {
  const cidr = parseCidr(value.trim());
  if (cidr?.ip.family !== 6) return [];
  const canonical = `${formatIpv6(cidr.ip)}/${cidr.prefixBits}`;
  if (canonical === value) return [];
  const text = `IPv6 CIDR value ${JSON.stringify(value)} should be in RFC 5952 canonical format`;
  return [`${field}: ${text} ("${canonical}")`];
}
