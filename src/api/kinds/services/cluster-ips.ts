/** `clusterIP`, `clusterIPs`, `ipFamilies`, `ipFamilyPolicy`: kept consistent, and mostly immutable. */

import type { ServiceSpec } from '../../generated/types.gen.ts';
import { deepEqual } from '../../schema/deep-equal.ts';
import { checkOneOfIfGiven } from '../../validation/field-checks.ts';
import {
  duplicate,
  type FieldError,
  invalidValue,
  notSupported,
  required,
} from '../../validation/field-error.ts';
import { checkIp } from '../../validation/ip-checks.ts';
import { isHeadless } from './types.ts';

const families = ['IPv4', 'IPv6'];
const familyPolicies = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];

/** Old clients know only `clusterIP`: `clusterIPs` follows it when nothing else changed. */
export function normalizeClusterIps(spec: ServiceSpec, old?: ServiceSpec): void {
  if (!old) {
    if (spec.clusterIP && !spec.clusterIPs?.length) spec.clusterIPs = [spec.clusterIP];
    return;
  }
  const isSame = (spec.clusterIP ?? '') === (old.clusterIP ?? '');
  if (isSame && old.clusterIPs && !spec.clusterIPs?.length) spec.clusterIPs = [...old.clusterIPs];
  if (isSame || !deepEqual(spec.clusterIPs, old.clusterIPs)) return;
  if (spec.clusterIP) spec.clusterIPs = [spec.clusterIP];
  else delete spec.clusterIPs;
}

export function validateClusterIps(spec: ServiceSpec, old?: ServiceSpec): FieldError[] {
  if (spec.type === 'ExternalName') return [];
  const errors = validateAgreement(spec);
  const seen = new Set<string>();
  for (const [i, family] of (spec.ipFamilies ?? []).entries()) {
    const at = `spec.ipFamilies[${i}]`;
    if (!families.includes(family)) errors.push(notSupported(at, family, families));
    if (seen.has(family)) errors.push(duplicate(at, family));
    seen.add(family);
  }
  errors.push(...checkOneOfIfGiven('spec.ipFamilyPolicy', spec.ipFamilyPolicy, familyPolicies));
  return [...errors, ...validateAddresses(spec, old?.clusterIPs)];
}

function validateAgreement({ clusterIP, clusterIPs = [] }: ServiceSpec): FieldError[] {
  const field = 'spec.clusterIPs';
  if (!clusterIP) {
    if (clusterIPs.length === 0) return [];
    return [invalidValue(field, clusterIPs, 'must be empty when `clusterIP` is not specified')];
  }
  if (clusterIPs.length === 0) return [required(field)];
  return clusterIPs[0] === clusterIP
    ? []
    : [invalidValue(field, clusterIPs, 'first value must match `clusterIP`')];
}

function validateAddresses(
  { clusterIPs: ips = [], ipFamilies = [] }: ServiceSpec,
  kept: readonly string[] | undefined,
): FieldError[] {
  const field = 'spec.clusterIPs';
  const bad: FieldError[] = [];
  if (ips[0] === 'None' && ips.length > 1) {
    bad.push(invalidValue(field, ips, "'None' must be the first and only value"));
  }
  for (const [i, ip] of ips.entries()) {
    if (i > 0 || ip !== 'None') bad.push(...checkIp(`${field}[${i}]`, ip, kept));
  }
  const errors = [...bad];
  if (ips.length > 2) errors.push(invalidValue(field, ips, 'may only hold up to 2 values'));
  if (bad.length > 0) return errors;
  const familyOf = (ip: string) => (ip.includes(':') ? 'IPv6' : 'IPv4');
  if (ips.length > 1 && new Set(ips.map(familyOf)).size < 2) {
    errors.push(invalidValue(field, ips, 'may specify no more than one IP for each IP family'));
  }
  if (ips[0] === 'None') return errors;
  for (const [i, ip] of ips.entries()) {
    const expected = ipFamilies[i];
    if (expected === undefined || !families.includes(expected) || familyOf(ip) === expected) continue;
    const text = `expected an ${expected} value as indicated by \`ipFamilies[${i}]\``;
    errors.push(invalidValue(`${field}[${i}]`, ip, text));
  }
  return errors;
}

/**
 * The primary address and family are immutable; a secondary one may be added, and removed with SingleStack.
 */
export function validateClusterIpsUpdate(spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  if (spec.type === 'ExternalName' || old.type === 'ExternalName') return [];
  if (isHeadless(spec) && isHeadless(old)) return [];
  const errors = validateKept(spec, spec.clusterIPs, old.clusterIPs, 'clusterIPs', 'clusterIP');
  if (isHeadless(spec) !== isHeadless(old)) return errors;
  return [...errors, ...validateKept(spec, spec.ipFamilies, old.ipFamilies, 'ipFamilies', 'ipFamily')];
}

function validateKept(
  spec: ServiceSpec,
  now: string[] = [],
  before: string[] = [],
  field: string,
  singular: string,
): FieldError[] {
  const at = (i: number) => `spec.${field}[${field === 'ipFamilies' ? 0 : i}]`;
  const fixed = 'may not change once set';
  if (now.length === before.length) {
    return before.flatMap((value, i) => (value === now[i] ? [] : [invalidValue(at(i), now, fixed)]));
  }
  const errors: FieldError[] = [];
  if (now.length === 0) errors.push(invalidValue(at(0), now, `primary ${singular} can not be unset`));
  if (now.length > 0 && before.length > 0 && now[0] !== before[0]) {
    errors.push(invalidValue(at(0), now, fixed));
  }
  if (before.length > now.length && now.length === 1 && spec.ipFamilyPolicy !== 'SingleStack') {
    const text = `must be set to 'SingleStack' when releasing the secondary ${singular}`;
    errors.push(invalidValue('spec.ipFamilyPolicy', spec.ipFamilyPolicy, text));
  }
  return errors;
}
