/** Validation of IP addresses and ranges: well formed, unambiguous, not special. */

import {
  formatIp,
  hasBitsBeyond,
  isLinkLocalMulticast,
  isLinkLocalUnicast,
  isLoopback,
  isMappedIpv4,
  isUnspecified,
  parseCidr,
  parseIp,
} from '../values/ip.ts';
import { type FieldError, invalidValue } from './field-error.ts';

const sets = new WeakMap<readonly string[], ReadonlySet<string>>();

/** Computed once for all addresses that are checked against the same list. */
function setOf(kept: readonly string[]): ReadonlySet<string> {
  let set = sets.get(kept);
  if (!set) {
    set = new Set(kept);
    sets.set(kept, set);
  }
  return set;
}

const nothingKept: readonly string[] = [];

/**
 * Strict since 1.36: software disagrees about leading zeros and IPv4-mapped addresses. Values that the object
 * had before (`kept`) may stay.
 */
export function checkIp(field: string, value: string, kept: readonly string[] = nothingKept): FieldError[] {
  if (setOf(kept).has(value)) return [];
  const ip = parseIp(value);
  const say = (text: string) => [invalidValue(field, value, text)];
  if (!ip) return say('must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)');
  if (hasLeadingZeros(value)) return say('must not have leading 0s');
  return isMappedIpv4(ip) ? say('must not be an IPv4-mapped IPv6 address') : [];
}

export function checkCidr(field: string, value: string, kept: readonly string[] = nothingKept): FieldError[] {
  if (setOf(kept).has(value)) return [];
  const cidr = parseCidr(value);
  const errors: FieldError[] = [];
  const say = (text: string) => errors.push(invalidValue(field, value, text));
  if (!cidr) say('must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)');
  else if (hasLeadingZeros(value) || /\/0\d/.test(value)) {
    say('must not have leading 0s in IP or prefix length');
  } else if (isMappedIpv4(cidr.ip)) say('must not have an IPv4-mapped IPv6 address');
  if (cidr && hasBitsBeyond(cidr)) say('must not have bits set beyond the prefix length');
  return errors;
}

/** As `checkIp`, and in canonical form. */
export function checkCanonicalIp(field: string, value: string): FieldError[] {
  const errors = checkIp(field, value);
  if (errors.length > 0) return errors;
  return checkForm(field, value, formatIp(parseIp(value)!));
}

/** As `checkCidr`, and in canonical form. */
export function checkCanonicalCidr(field: string, value: string): FieldError[] {
  const errors = checkCidr(field, value);
  if (errors.length > 0) return errors;
  const { ip, prefixBits } = parseCidr(value)!;
  return checkForm(field, value, `${formatIp(ip)}/${prefixBits}`);
}

function checkForm(field: string, value: string, canonical: string): FieldError[] {
  if (value === canonical) return [];
  return [invalidValue(field, value, `must be in canonical form ("${canonical}")`)];
}

/** In the dotted part; groups of an IPv6 address may have them. */
function hasLeadingZeros(value: string): boolean {
  return value.includes('.') && /(?:^|[.:])0\d+(?=[./]|$)/.test(value);
}

/** Addresses that cannot be an endpoint or an external address of a service. */
export function checkNotSpecialIp(field: string, value: string): FieldError[] {
  const ip = parseIp(value);
  if (!ip) return [invalidValue(field, value, 'must be a valid IP address')];
  const errors: FieldError[] = [];
  const say = (text: string) => errors.push(invalidValue(field, value, text));
  if (isUnspecified(ip)) say(`may not be unspecified (${value})`);
  if (isLoopback(ip)) say('may not be in the loopback range (127.0.0.0/8, ::1/128)');
  if (isLinkLocalUnicast(ip)) say('may not be in the link-local range (169.254.0.0/16, fe80::/10)');
  if (isLinkLocalMulticast(ip)) {
    say('may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)');
  }
  return errors;
}

/** An address and its prefix, whose bits beyond the prefix may be set: `10.9.8.7/24`. */
export function checkInterfaceAddress(field: string, value: string): FieldError[] {
  const cidr = parseCidr(value);
  if (!cidr) {
    const text = 'must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)';
    return [invalidValue(field, value, text)];
  }
  return checkForm(field, value, `${formatIp(cidr.ip)}/${cidr.prefixBits}`);
}
