/** Which fields of a pod and which resources of a container can be read through the downward API. */

import type { ObjectFieldSelector, ResourceFieldSelector } from '../../../generated/types.gen.ts';
import { checkField } from '../../../validation/field-checks.ts';
import { type FieldError, invalidValue, notSupported, required } from '../../../validation/field-error.ts';
import { qualifiedName } from '../../../validation/validators.ts';
import { parseQuantity } from '../../../values/quantity.ts';

export const envFieldPaths = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];

export const volumeFieldPaths = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
];

const knownFieldPaths = new Set([
  ...envFieldPaths,
  ...volumeFieldPaths,
  'spec.restartPolicy',
  'spec.schedulerName',
  'status.phase',
]);

const resources = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
];

const bytesDivisors = '1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei';

export function validateFieldRef(
  selector: ObjectFieldSelector,
  supported: readonly string[],
  path: string,
): FieldError[] {
  if (!selector.apiVersion) return [required(`${path}.apiVersion`)];
  if (!selector.fieldPath) return [required(`${path}.fieldPath`)];
  const problem = conversionProblem(selector);
  if (problem) {
    return [invalidValue(`${path}.fieldPath`, selector.fieldPath, `error converting fieldPath: ${problem}`)];
  }
  const subscripted = subscriptedPath(selector.fieldPath);
  if (subscripted) {
    const { path: map, key: written } = subscripted;
    const key = map === 'metadata.annotations' ? written.toLowerCase() : written;
    return checkField(path, key, qualifiedName);
  }
  const label = selector.fieldPath === 'spec.host' ? 'spec.nodeName' : selector.fieldPath;
  return supported.includes(label) ? [] : [notSupported(`${path}.fieldPath`, label, supported)];
}

/** `metadata.labels['app']`; the key begins at the first bracket. */
function subscriptedPath(fieldPath: string): { path: string; key: string } | undefined {
  const [begin, end] = ["['", "']"];
  const at = fieldPath.indexOf(begin);
  if (at < 1 || !fieldPath.endsWith(end) || at + begin.length > fieldPath.length - end.length) {
    return undefined;
  }
  return { path: fieldPath.slice(0, at), key: fieldPath.slice(at + begin.length, -end.length) };
}

function conversionProblem(selector: ObjectFieldSelector): string {
  if (selector.apiVersion !== 'v1') return `unsupported pod version: ${selector.apiVersion}`;
  const subscripted = subscriptedPath(selector.fieldPath);
  if (subscripted) {
    if (subscripted.path === 'metadata.annotations' || subscripted.path === 'metadata.labels') return '';
    return `field label does not support subscript: ${selector.fieldPath}`;
  }
  const known = selector.fieldPath === 'spec.host' || knownFieldPaths.has(selector.fieldPath);
  return known ? '' : `field label not supported: ${selector.fieldPath}`;
}

export function validateResourceFieldRef(
  selector: ResourceFieldSelector,
  inVolume: boolean,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  if (inVolume && !selector.containerName) errors.push(required(`${path}.containerName`));
  else if (!selector.resource) errors.push(required(`${path}.resource`));
  else if (!resources.includes(selector.resource) && !isHugePages(selector.resource)) {
    errors.push(notSupported(`${path}.resource`, selector.resource, resources));
  }
  return [...errors, ...validateDivisor(selector, path)];
}

const isHugePages = (resource: string) => /^(requests|limits)\.hugepages-/.test(resource);

function validateDivisor(
  { resource = '', divisor }: Partial<ResourceFieldSelector>,
  path: string,
): FieldError[] {
  if (divisor === undefined || parseQuantity(divisor).isZero()) return [];
  const kind = resource.replace(/^(requests|limits)\./, '');
  if (kind === 'cpu') {
    if (['1m', '1'].includes(divisor)) return [];
    const text = "only divisor's values 1m and 1 are supported with the cpu resource";
    return [invalidValue(`${path}.divisor`, resource, text)];
  }
  const names: Record<string, string> = { memory: 'memory', 'ephemeral-storage': 'local ephemeral storage' };
  const name = isHugePages(resource) ? 'hugepages' : names[kind];
  if (!name || bytesDivisors.split(', ').includes(divisor)) return [];
  const text = `only divisor's values ${bytesDivisors} are supported with the ${name} resource`;
  return [invalidValue(`${path}.divisor`, resource, text)];
}
