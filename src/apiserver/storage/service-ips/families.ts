/**
 * Sets a service's IP families as upstream's registry does before it allocates: fields that disagree are refused here,
 * without the errors that validation would add.
 */

import type { ServiceSpec } from '#api/generated/types.gen.ts';
import { validateClusterIps } from '#api/kinds/services/cluster-ips.ts';
import { type FieldError, invalidValue } from '#api/validation/field-error.ts';
import { familyOf, type IpFamily } from './service-addresses.ts';

const headless = 'None';
const policyField = 'spec.ipFamilyPolicy';

/** `old` is absent for a new service; `configured` are the families that the cluster has, the primary one first. */
export function setIpFamilies(
  spec: ServiceSpec,
  old: ServiceSpec | undefined,
  configured: readonly IpFamily[],
): FieldError[] {
  if (old && isPreferredAsBefore(spec, old)) return [];
  const isHeadlessWithoutSelector =
    spec.clusterIP === headless && Object.keys(spec.selector ?? {}).length === 0;
  spec.ipFamilyPolicy ??=
    old?.ipFamilyPolicy ?? (isHeadlessWithoutSelector ? 'RequireDualStack' : 'SingleStack');
  const wrong = validateClusterIps(spec, old);
  if (wrong.length > 0) return wrong;
  const errors = [
    ...(old ? reduce(spec, old) : []),
    ...checkSingleStack(spec),
    ...inferFamilies(spec, configured),
  ];
  if (errors.length > 0) return errors;
  if (isHeadlessWithoutSelector) {
    if (!spec.ipFamilies?.length) spec.ipFamilies = configured.slice(0, 1);
    addOtherFamily(spec);
    return [];
  }
  errors.push(...checkConfigured(spec, configured));
  if (errors.length > 0) return errors;
  if (!spec.ipFamilies?.length) spec.ipFamilies = configured.slice(0, 1);
  if (configured.length === 2) addOtherFamily(spec);
  return [];
}

/** Such a service is left as it is when the families of the cluster have changed. */
function isPreferredAsBefore(spec: ServiceSpec, old: ServiceSpec): boolean {
  return (
    spec.type === old.type &&
    spec.ipFamilyPolicy === 'PreferDualStack' &&
    (old.ipFamilyPolicy ?? 'PreferDualStack') === 'PreferDualStack' &&
    isSame(spec.clusterIPs, old.clusterIPs) &&
    isSame(spec.ipFamilies, old.ipFamilies)
  );
}

/** A new policy of one family releases the second; any other policy keeps both. */
function reduce(spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  if (spec.ipFamilyPolicy === 'SingleStack') {
    if (isSame(spec.clusterIPs, old.clusterIPs)) spec.clusterIPs?.splice(1);
    if (isSame(spec.ipFamilies, old.ipFamilies)) spec.ipFamilies?.splice(1);
    return [];
  }
  const parts = [
    [spec.clusterIPs, old.clusterIPs, 'secondary cluster IP'],
    [spec.ipFamilies, old.ipFamilies, 'secondary IP family'],
  ] as const;
  return parts
    .filter(([now, before]) => now?.length && now.length < (before ?? []).length)
    .map(([, , what]) =>
      invalidValue(policyField, spec.ipFamilyPolicy, `must be 'SingleStack' to release the ${what}`),
    );
}

function checkSingleStack({ ipFamilyPolicy, clusterIPs, ipFamilies }: ServiceSpec): FieldError[] {
  if (ipFamilyPolicy !== 'SingleStack') return [];
  const parts = [
    [clusterIPs, 'cluster IPs'],
    [ipFamilies, 'IP families'],
  ] as const;
  return parts
    .filter(([list]) => list?.length === 2)
    .map(([, what]) => {
      const why = `must be 'RequireDualStack' or 'PreferDualStack' when multiple ${what} are specified`;
      return invalidValue(policyField, ipFamilyPolicy, why);
    });
}

function inferFamilies(spec: ServiceSpec, configured: readonly IpFamily[]): FieldError[] {
  const { clusterIPs = [] } = spec;
  if (clusterIPs[0] === headless) return [];
  const errors: FieldError[] = [];
  for (let i = spec.ipFamilies?.length ?? 0; i < clusterIPs.length; i++) {
    const family = familyOf(clusterIPs[i]!);
    if (configured.includes(family)) {
      spec.ipFamilies = [...(spec.ipFamilies ?? []), family];
    } else {
      const why = `${family} is not configured on this cluster`;
      errors.push(invalidValue(`spec.clusterIPs[${i}]`, clusterIPs, why));
    }
  }
  return errors;
}

/**
 * A service that is not limited to one family is of both. The author of the endpoints of a headless service
 * decides: it may be of both families whatever the cluster has.
 */
function addOtherFamily(spec: ServiceSpec): void {
  if (spec.ipFamilyPolicy === 'SingleStack' || spec.ipFamilies?.length !== 1) return;
  spec.ipFamilies = [spec.ipFamilies[0]!, spec.ipFamilies[0] === 'IPv4' ? 'IPv6' : 'IPv4'];
}

function checkConfigured(
  { ipFamilyPolicy, ipFamilies = [] }: ServiceSpec,
  configured: readonly IpFamily[],
): FieldError[] {
  const errors: FieldError[] = [];
  if (ipFamilyPolicy === 'RequireDualStack' && configured.length < 2) {
    const why = 'this cluster is not configured for dual-stack services';
    errors.push(invalidValue(policyField, ipFamilyPolicy, why));
  }
  for (const [i, family] of ipFamilies.entries()) {
    if (configured.includes(family as IpFamily)) continue;
    errors.push(invalidValue(`spec.ipFamilies[${i}]`, family, 'not configured on this cluster'));
  }
  return errors;
}

function isSame(now: readonly string[] = [], before: readonly string[] = []): boolean {
  return now.length === before.length && now.every((value, i) => value === before[i]);
}
