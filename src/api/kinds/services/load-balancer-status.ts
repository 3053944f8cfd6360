/** Validation of load balancer ingress: addresses, which may stay as stored, and host names. */

import type { LoadBalancerIngress } from '../../generated/types.gen.ts';
import { checkField } from '../../validation/field-checks.ts';
import { type FieldError, invalidValue } from '../../validation/field-error.ts';
import { checkIp } from '../../validation/ip-checks.ts';
import { dns1123Subdomain } from '../../validation/validators.ts';
import { parseIp } from '../../values/ip.ts';

type Place = Pick<LoadBalancerIngress, 'ip' | 'hostname'>;

export const notAnAddress = 'must be a DNS name, not an IP address';

/** The stored addresses. */
export function addressesIn(places: readonly Place[] | undefined): string[] {
  return (places ?? []).flatMap(({ ip }) => ip ?? []);
}

export function checkBalancerIp({ ip }: Place, kept: readonly string[], path: string): FieldError[] {
  return ip ? checkIp(`${path}.ip`, ip, kept) : [];
}

export function checkBalancerHostname({ hostname }: Place, path: string): FieldError[] {
  if (!hostname) return [];
  const field = `${path}.hostname`;
  const errors = checkField(field, hostname, dns1123Subdomain);
  return parseIp(hostname) ? [...errors, invalidValue(field, hostname, notAnAddress)] : errors;
}
