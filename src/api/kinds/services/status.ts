/** The status of a service: its load balancer. */

import type { Service } from '../../generated/types.gen.ts';
import { checkOneOfIfGiven } from '../../validation/field-checks.ts';
import { type FieldError, forbiddenField, required } from '../../validation/field-error.ts';
import { addressesIn, checkBalancerHostname, checkBalancerIp } from './load-balancer-status.ts';

export function validateServiceStatus(service: Service, old: Service): FieldError[] {
  const path = 'status.loadBalancer.ingress';
  const ingress = service.status?.loadBalancer?.ingress ?? [];
  if (ingress.length > 0 && service.spec?.type !== 'LoadBalancer') {
    return [forbiddenField(path, "may only be used when `spec.type` is 'LoadBalancer'")];
  }
  const kept = addressesIn(old.status?.loadBalancer?.ingress);
  return ingress.flatMap((place, i) => {
    const at = `${path}[${i}]`;
    return [
      ...checkBalancerIp(place, kept, at),
      ...validateMode(place, `${at}.ipMode`),
      ...checkBalancerHostname(place, at),
    ];
  });
}

function validateMode({ ip, ipMode }: { ip?: string; ipMode?: string }, field: string): FieldError[] {
  if (ip && ipMode === undefined) return [required(field, 'must be specified when `ip` is set')];
  if (!ip && ipMode !== undefined) {
    return [forbiddenField(field, 'may not be specified when `ip` is not set')];
  }
  return checkOneOfIfGiven(field, ipMode, ['Proxy', 'VIP']);
}
