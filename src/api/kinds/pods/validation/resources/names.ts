/** Names and amounts of resources: which are standard, which can be overcommitted, which are integers. */

import { isHugePages } from '../../../../pods/resources.ts';
import { isExtendedResource, isNativeResource } from '../../../../validation/extended-resource.ts';
import { checkField } from '../../../../validation/field-checks.ts';
import { type FieldError, invalidValue } from '../../../../validation/field-error.ts';
import { mustBeNonNegative, qualifiedName } from '../../../../validation/validators.ts';
import { parseQuantity } from '../../../../values/quantity.ts';

export const canOvercommit = (name: string) => isNativeResource(name) && !isHugePages(name);
const containerResources = ['cpu', 'memory', 'ephemeral-storage'];
const wholeResources = new Set([
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
]);

/** Resources without a domain prefix. */
export const standardResources = new Set([
  ...containerResources,
  ...containerResources.flatMap((name) => [`requests.${name}`, `limits.${name}`]),
  ...wholeResources,
  'storage',
  'requests.storage',
]);

export function checkResourceName(name: string, field: string): FieldError[] {
  const errors = checkField(field, name, qualifiedName);
  if (errors.length > 0 || name.includes('/')) return errors;
  if (standardResources.has(name) || /^(requests\.)?hugepages-/.test(name)) return [];
  return [invalidValue(field, name, 'must be a standard resource type or fully qualified')];
}

export function checkContainerResourceName(name: string, field: string): FieldError[] {
  const errors = checkResourceName(name, field);
  if (!name.includes('/')) {
    if (containerResources.includes(name) || isHugePages(name)) return [];
    return [...errors, invalidValue(field, name, 'must be a standard resource for containers')];
  }
  if (isNativeResource(name) || isExtendedResource(name)) return errors;
  return [...errors, invalidValue(field, name, "doesn't follow extended resource name standard")];
}

/** Nearly all amounts: neither negative nor a fraction, and exact in thousandths. */
const plainAmount = /^\d{1,15}$/;

export function checkResourceAmount(name: string, amount: string, field: string): FieldError[] {
  if (plainAmount.test(amount)) return [];
  const quantity = parseQuantity(amount);
  const errors = quantity.sign() < 0 ? [invalidValue(field, String(quantity), mustBeNonNegative)] : [];
  const whole = wholeResources.has(name) || isExtendedResource(name);
  if (whole && quantity.thousandths() % 1000n !== 0n) {
    errors.push(invalidValue(field, String(quantity), 'must be an integer'));
  }
  return errors;
}
