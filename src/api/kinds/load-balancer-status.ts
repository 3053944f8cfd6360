/** Where a load balancer can be reached: an address that may stay as it was written, a name that is no address. */

import { checkField } from '../field-checks.ts';
import { type FieldError, invalidValue } from '../field-error.ts';
import { parseIp } from '../ip.ts';
import { checkIp } from '../ip-checks.ts';
import type { LoadBalancerIngress } from '../types.gen.ts';
import { dns1123Subdomain } from '../validators.ts';

type Place = Pick<LoadBalancerIngress, 'ip' | 'hostname'>;

export const notAnAddress = 'must be a DNS name, not an IP address';

/** The addresses of before. */
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
