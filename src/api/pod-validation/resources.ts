/** Requests and limits: names, amounts, and requests that fit their limits. */

import { checkField, checkOneOf } from '../field-checks.ts';
import {
  duplicate,
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
} from '../field-error.ts';
import { containerTotals } from '../pod-resources.ts';
import { parseQuantity } from '../quantity.ts';
import type { ContainerResizePolicy, PodSpec, ResourceRequirements } from '../types.gen.ts';
import { dns1123Label, mustBeNonNegative, qualifiedName } from '../validators.ts';

const isHugePageName = (name: string) => name.startsWith('hugepages-');
const isNative = (name: string) => !name.includes('/') || name.includes('kubernetes.io/');

function isExtendedResource(name: string): boolean {
  return !isNative(name) && !name.startsWith('requests.') && qualifiedName(`requests.${name}`).length === 0;
}

export const canOvercommit = (name: string) => isNative(name) && !isHugePageName(name);
const containerResources = ['cpu', 'memory', 'ephemeral-storage'];
const wholeResources = new Set(['pods', 'services', 'secrets', 'configmaps', 'replicationcontrollers']);

type NameCheck = (name: string, field: string) => FieldError[];

const standardResources = new Set([
  ...containerResources,
  ...containerResources.flatMap((name) => [`requests.${name}`, `limits.${name}`]),
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'storage',
  'requests.storage',
  'services.nodeports',
  'services.loadbalancers',
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
    if (containerResources.includes(name) || isHugePageName(name)) return [];
    return [...errors, invalidValue(field, name, 'must be a standard resource for containers')];
  }
  if (isNative(name) || isExtendedResource(name)) return errors;
  return [...errors, invalidValue(field, name, "doesn't follow extended resource name standard")];
}

/** Of these a pod may ask as a whole. */
export function isPodLevelResource(name: string): boolean {
  return name === 'cpu' || name === 'memory' || isHugePageName(name);
}

function checkPodResourceName(name: string, field: string): FieldError[] {
  const errors = checkResourceName(name, field);
  if (errors.length > 0) return errors;
  if (isPodLevelResource(name)) return [];
  return [notSupported(field, name, ['cpu', 'hugepages-', 'memory'])];
}

export function checkResourceAmount(name: string, amount: string, field: string): FieldError[] {
  const quantity = parseQuantity(amount);
  const errors = quantity.sign() < 0 ? [invalidValue(field, String(quantity), mustBeNonNegative)] : [];
  const whole = wholeResources.has(name) || isExtendedResource(name);
  if (whole && quantity.nanos % 1_000_000_000n !== 0n) {
    errors.push(invalidValue(field, String(quantity), 'must be an integer'));
  }
  return errors;
}

export function validateContainerResources(
  resources: ResourceRequirements | undefined,
  claims: ReadonlySet<string>,
  path: string,
): FieldError[] {
  return validateRequirements(resources, checkContainerResourceName, claims, path);
}

function validateRequirements(
  resources: ResourceRequirements | undefined,
  checkName: NameCheck,
  claims: ReadonlySet<string>,
  path: string,
): FieldError[] {
  if (!resources) return [];
  const { limits = {}, requests = {} } = resources;
  const errors: FieldError[] = [];
  for (const [key, amounts] of Object.entries({ limits, requests })) {
    for (const [name, amount] of Object.entries(amounts)) {
      const field = `${path}.${key}[${name}]`;
      errors.push(...checkName(name, field), ...checkResourceAmount(name, amount, field));
      if (key === 'requests') errors.push(...checkAgainstLimit(name, amount, limits[name], path));
      if (isHugePageName(name)) errors.push(...checkHugePages(name, amount, field));
    }
  }
  const names = [...Object.keys(limits), ...Object.keys(requests)];
  if (names.some(isHugePageName) && !names.includes('cpu') && !names.includes('memory')) {
    errors.push(forbiddenField(path, 'HugePages require cpu or memory'));
  }
  return [...errors, ...validateClaims(resources.claims, claims, `${path}.claims`)];
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
  const size = parseQuantity(name.slice('hugepages-'.length)).nanos;
  const quantity = parseQuantity(amount);
  if (size > 0n && quantity.nanos % size === 0n) return [];
  return [invalidValue(field, String(quantity), `${quantity} is not positive integer multiple of ${name}`)];
}

function validateClaims(
  claims: ResourceRequirements['claims'],
  known: ReadonlySet<string>,
  path: string,
): FieldError[] {
  const seen = new Set<string>();
  return (claims ?? []).flatMap(({ name, request }, i) => {
    const at = `${path}[${i}]`;
    if (!name) return [required(at)];
    const errors = seen.has(name) ? [duplicate(at, name)] : newClaim(name, request, seen, at);
    if (!known.has(name)) {
      const list = known.size === 0 ? ' which is empty' : `: ${[...known].sort().join(', ')}`;
      const detail = `must be one of the names in pod.spec.resourceClaims${list}`;
      errors.push({ type: 'FieldValueNotFound', field: at, value: name, detail });
    }
    return errors;
  });
}

/** A claim is named as a whole or request by request, never both; nothing is named twice. */
function newClaim(name: string, request: string | undefined, seen: Set<string>, at: string): FieldError[] {
  const key = request ? `${name}/${request}` : name;
  const errors = request ? checkField(`${at}.request`, request, dns1123Label) : [];
  if (seen.has(key)) errors.push(duplicate(at, key));
  else if (!request) {
    const parts = [...seen].filter((one) => one.startsWith(`${name}/`));
    errors.push(...parts.map(() => duplicate(at, name)));
  }
  seen.add(key);
  return errors;
}

export function validateResizePolicy(
  policies: ContainerResizePolicy[] | undefined,
  restartPolicy: string | undefined,
  path: string,
): FieldError[] {
  const seen = new Set<string>();
  return (policies ?? []).flatMap((policy, i) => {
    const errors: FieldError[] = [];
    if (seen.has(policy.resourceName)) errors.push(duplicate(`${path}[${i}]`, policy.resourceName));
    seen.add(policy.resourceName);
    errors.push(
      ...checkOneOf(path, policy.resourceName, ['cpu', 'memory']),
      ...checkOneOf(path, policy.restartPolicy, ['NotRequired', 'RestartContainer']),
    );
    if (restartPolicy === 'Never' && policy.restartPolicy !== 'NotRequired') {
      const text = "must be 'NotRequired' when `restartPolicy` is 'Never'";
      errors.push(invalidValue(path, policy.restartPolicy, text));
    }
    return errors;
  });
}

/** Resources of the pod as a whole: at least what its containers ask for together. */
export function validatePodResources(spec: PodSpec, claims: ReadonlySet<string>, path: string): FieldError[] {
  const resources = spec.resources;
  if (!resources) return [];
  if (spec.os?.name === 'windows') return [forbiddenField(path, 'may not be set for a windows pod')];
  const errors: FieldError[] = [];
  if (resources.claims) {
    errors.push(forbiddenField(`${path}.claims`, 'claims may not be set for Resources at pod-level'));
  }
  errors.push(...validateRequirements(resources, checkPodResourceName, claims, path));
  return [...errors, ...validateWholeAgainstParts(spec, path)];
}

function validateWholeAgainstParts(spec: PodSpec, path: string): FieldError[] {
  const { requests = {}, limits = {} } = spec.resources!;
  const errors: FieldError[] = [];
  const atLeast = (field: 'requests' | 'limits', whole: Record<string, string>, needed: string[]) => {
    const parts = containerTotals(spec, field);
    for (const name of needed) {
      const [sum, most] = [parts.get(name), whole[name]];
      if (!sum || most === undefined || sum.compare(parseQuantity(most)) <= 0) continue;
      const text = `must be greater than or equal to aggregate container ${field} of ${sum}`;
      errors.push(invalidValue(`${path}.${field}[${name}]`, String(parseQuantity(most)), text));
    }
  };
  atLeast('requests', requests, Object.keys(requests));
  // Huge pages cannot be lent: what the containers may use must fit together, not only one by one.
  atLeast('limits', limits, Object.keys(limits).filter(isHugePageName));
  for (const [i, container] of (spec.containers ?? []).entries()) {
    for (const [name, limit] of Object.entries(container.resources?.limits ?? {})) {
      const most = limits[name];
      if (most === undefined || parseQuantity(limit).compare(parseQuantity(most)) <= 0) continue;
      const text = `must be less than or equal to pod limits of ${parseQuantity(most)}`;
      // A path that leads nowhere: upstream's does.
      const field = `${path}.containers[${i}][${name}].limits`;
      errors.push(invalidValue(field, String(parseQuantity(limit)), text));
    }
  }
  return errors;
}
