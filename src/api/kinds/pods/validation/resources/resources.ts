/** Validation of requests and limits: names, amounts, and requests up to their limits. */

import { ownValue } from '#base/own-value.ts';
import type { ContainerResizePolicy, ResourceRequirements } from '../../../../generated/types.gen.ts';
import { isHugePages } from '../../../../pods/resources.ts';
import { checkOneOf } from '../../../../validation/field-checks.ts';
import {
  duplicate,
  type FieldError,
  forbiddenField,
  invalidValue,
  required,
} from '../../../../validation/field-error.ts';
import { parseQuantity } from '../../../../values/quantity.ts';
import { validateContainerClaims } from './claims.ts';
import { canOvercommit, checkContainerResourceName, checkResourceAmount } from './names.ts';

type NameCheck = (name: string, field: string) => FieldError[];

export function validateContainerResources(
  resources: ResourceRequirements | undefined,
  claims: ReadonlySet<string>,
  path: string,
): FieldError[] {
  return validateRequirements(resources, checkContainerResourceName, claims, path);
}

/** `checkName` validates resource names, `claims` are the names of the pod's claims. */
export function validateRequirements(
  resources: ResourceRequirements | undefined,
  checkName: NameCheck,
  claims: ReadonlySet<string>,
  path: string,
): FieldError[] {
  if (!resources) return [];
  const { limits = {}, requests = {} } = resources;
  const errors: FieldError[] = [];
  for (const key of ['limits', 'requests'] as const) {
    const amounts = resources[key] ?? {};
    // Of very many names, the limit of errors ends this.
    for (const name in amounts) {
      const amount = amounts[name]!;
      const field = `${path}.${key}[${name}]`;
      errors.push(...checkName(name, field), ...checkResourceAmount(name, amount, field));
      if (key === 'requests') errors.push(...checkAgainstLimit(name, amount, ownValue(limits, name), path));
      if (isHugePages(name)) errors.push(...checkHugePages(name, amount, field));
    }
  }
  const names = [...Object.keys(limits), ...Object.keys(requests)];
  if (names.some(isHugePages) && !names.includes('cpu') && !names.includes('memory')) {
    errors.push(forbiddenField(path, 'HugePages require cpu or memory'));
  }
  return [...errors, ...validateContainerClaims(resources.claims, claims, `${path}.claims`)];
}

function checkAgainstLimit(
  name: string,
  request: string,
  limit: string | undefined,
  path: string,
): FieldError[] {
  if (limit === undefined) {
    if (canOvercommit(name)) return [];
    return [required(`${path}.limits`, 'Limit must be set for non overcommitable resources')];
  }
  const [asked, most] = [parseQuantity(request), parseQuantity(limit)];
  const order = asked.compare(most);
  if (order !== 0 && !canOvercommit(name)) {
    return [invalidValue(`${path}.requests`, String(asked), `must be equal to ${name} limit of ${most}`)];
  }
  if (order <= 0) return [];
  const text = `must be less than or equal to ${name} limit of ${most}`;
  return [invalidValue(`${path}.requests`, String(asked), text)];
}

function checkHugePages(name: string, amount: string, field: string): FieldError[] {
  const size = parseQuantity(name.slice('hugepages-'.length));
  const quantity = parseQuantity(amount);
  const isWhole = size.sign() > 0 && size.thousandths() % 1000n === 0n;
  if (isWhole && quantity.units() % size.units() === 0n) return [];
  return [invalidValue(field, String(quantity), `${quantity} is not positive integer multiple of ${name}`)];
}

export function validateResizePolicy(
  policies: ContainerResizePolicy[] | undefined,
  restartPolicy: string | undefined,
  path: string,
): FieldError[] {
  if (!policies?.length) return [];
  const seen = new Set<string>();
  return policies.flatMap((policy, i) => {
    const errors: FieldError[] = [];
    if (seen.has(policy.resourceName)) errors.push(duplicate(`${path}[${i}]`, policy.resourceName));
    seen.add(policy.resourceName);
    errors.push(
      ...checkOneOf(path, policy.resourceName, ['cpu', 'memory']),
      ...checkOneOf(path, policy.restartPolicy, ['NotRequired', 'RestartContainer']),
    );
    if (restartPolicy === 'Never' && policy.restartPolicy !== 'NotRequired') {
      const text = "must be 'NotRequired' when pod `restartPolicy` is 'Never'";
      errors.push(invalidValue(path, policy.restartPolicy ?? '', text));
    }
    return errors;
  });
}
