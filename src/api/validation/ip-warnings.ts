/** Warnings about addresses and ranges in unusual forms. */

import { formatIpv6, type IpAddress, isMappedIpv4, parseCidr, parseIp } from '../values/ip.ts';

export function addressWarnings(field: string, value: string): string[] {
  const ip = parseIp(value);
  if (!ip) return [];
  if (isMappedIpv4(ip) || (ip.family === 4 && ip.bytes.join('.') !== value)) {
    // Only in objects stored before such forms were rejected.
    const text = `non-standard IP address ${JSON.stringify(value)} will be considered invalid`;
    return [`${field}: ${text} in a future Kubernetes release: use "${dotted(ip)}"`];
  }
  if (ip.family === 4 || formatIpv6(ip) === value) return [];
  return [
    `${field}: IPv6 address ${JSON.stringify(value)} should be in RFC 5952 canonical format ("${formatIpv6(ip)}")`,
  ];
}

function dotted(ip: IpAddress): string {
  return ip.bytes.slice(-4).join('.');
}

export function rangeWarnings(field: string, value: string): string[] {
  const cidr = parseCidr(value.trim());
  if (cidr?.ip.family !== 6) return [];
  const canonical = `${formatIpv6(cidr.ip)}/${cidr.prefixBits}`;
  if (canonical === value) return [];
  const text = `IPv6 CIDR value ${JSON.stringify(value)} should be in RFC 5952 canonical format`;
  return [`${field}: ${text} ("${canonical}")`];
}
