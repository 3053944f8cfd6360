/** Validation of pod-level resources: at least the sum of the containers' requests. */

import { ownValue } from '#base/own-value.ts';
import type { PodSpec } from '../../../../generated/types.gen.ts';
import { exactAmounts } from '../../../../pods/exact-amounts.ts';
import { containerTotals, isHugePages, isPodLevelResource } from '../../../../pods/resources.ts';
import {
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
} from '../../../../validation/field-error.ts';
import { parseQuantity } from '../../../../values/quantity.ts';
import { checkResourceName } from './names.ts';
import { validateRequirements } from './resources.ts';

function checkPodResourceName(name: string, field: string): FieldError[] {
  const errors = checkResourceName(name, field);
  if (errors.length > 0) return errors;
  if (isPodLevelResource(name)) return [];
  return [notSupported(field, name, ['cpu', 'hugepages-', 'memory'])];
}

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
    const parts = containerTotals(exactAmounts, { spec }, field);
    for (const name of needed) {
      const [sum, most] = [parts.get(name), ownValue(whole, name)];
      if (!sum || most === undefined || sum.compare(parseQuantity(most)) <= 0) continue;
      const text = `must be greater than or equal to aggregate container ${field} of ${sum}`;
      errors.push(invalidValue(`${path}.${field}[${name}]`, String(parseQuantity(most)), text));
    }
  };
  atLeast('requests', requests, Object.keys(requests));
  // Huge pages cannot be overcommitted: the limits of all containers must fit together.
  atLeast('limits', limits, Object.keys(limits).filter(isHugePages));
  for (const [i, container] of (spec.containers ?? []).entries()) {
    for (const [name, limit] of Object.entries(container.resources?.limits ?? {})) {
      const most = ownValue(limits, name);
      if (most === undefined || parseQuantity(limit).compare(parseQuantity(most)) <= 0) continue;
      const text = `must be less than or equal to pod limits of ${parseQuantity(most)}`;
      // As upstream's, the path does not exist.
      const field = `${path}.containers[${i}][${name}].limits`;
      errors.push(invalidValue(field, String(parseQuantity(limit)), text));
    }
  }
  return errors;
}
