/**
 * Sets a service's IP families on a cluster whose services have IPv4 addresses only, as upstream's registry
 * does.
 */

import type { ServiceSpec } from '#api/generated/types.gen.ts';
import { type FieldError, invalidValue } from '#api/validation/field-error.ts';

export function setIpFamilies(spec: ServiceSpec): FieldError[] {
  const isHeadless = spec.clusterIP === 'None' || spec.clusterIPs?.[0] === 'None';
  const hasSelector = Object.keys(spec.selector ?? {}).length > 0;
  if (isHeadless && !hasSelector) {
    // The author of the endpoints decides: such a service is of both families whatever the cluster has.
    spec.ipFamilyPolicy ??= 'RequireDualStack';
    if (!spec.ipFamilies?.length) spec.ipFamilies = ['IPv4'];
    if (spec.ipFamilyPolicy !== 'SingleStack' && spec.ipFamilies.length === 1) {
      spec.ipFamilies.push(spec.ipFamilies[0] === 'IPv4' ? 'IPv6' : 'IPv4');
    }
    return [];
  }
  const errors: FieldError[] = [];
  (spec.ipFamilies ?? []).forEach((family, index) => {
    if (family === 'IPv6') {
      errors.push(invalidValue(`spec.ipFamilies[${index}]`, family, 'not configured on this cluster'));
    }
  });
  if (spec.ipFamilyPolicy === 'RequireDualStack') {
    const why = 'this cluster is not configured for dual-stack services';
    errors.push(invalidValue('spec.ipFamilyPolicy', spec.ipFamilyPolicy, why));
  }
  if (errors.length > 0) return errors;
  spec.ipFamilyPolicy ??= 'SingleStack';
  if (!spec.ipFamilies?.length) spec.ipFamilies = ['IPv4'];
  return [];
}
