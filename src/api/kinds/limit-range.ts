/** LimitRange: the least, the usual and the most a container, pod or claim may ask for. */

import { duplicate, type FieldError, forbiddenField, invalidValue, required } from '../field-error.ts';
import { checkContainerResourceName, checkResourceName } from '../pod-validation/resources.ts';
import { parseQuantity, type Quantity } from '../quantity.ts';
import type { Strategy } from '../strategy.ts';
import type { LimitRange, LimitRangeItem } from '../types.gen.ts';
import { checkField, qualifiedName } from '../validators.ts';

export const limitRange: Strategy<LimitRange> = {
  hasGeneration: false,
  allowCreateOnUpdate: true,
  setDefaults(range) {
    for (const item of range.spec?.limits ?? []) {
      if (item.type !== 'Container') continue;
      // Limits default to the most allowed, requests to the limits, else to the least allowed.
      const limits = { ...item.max, ...item.default };
      const requests = { ...item.min, ...limits, ...item.defaultRequest };
      if (Object.keys(limits).length > 0) item.default = limits;
      if (Object.keys(requests).length > 0) item.defaultRequest = requests;
    }
  },
  validate({ spec }) {
    const seen = new Set<string>();
    return (spec?.limits ?? []).flatMap((item, i) => {
      const path = `spec.limits[${i}]`;
      const errors = validateType(item.type, `${path}.type`);
      if (seen.has(item.type)) errors.push(duplicate(`${path}.type`, item.type));
      seen.add(item.type);
      return [...errors, ...validateItem(item, path)];
    });
  },
};

const standardTypes = ['Pod', 'Container', 'PersistentVolumeClaim'];

function validateType(type: string, field: string): FieldError[] {
  const errors = checkField(field, type, qualifiedName);
  if (errors.length > 0 || type.includes('/') || standardTypes.includes(type)) return errors;
  return [invalidValue(field, type, 'must be a standard limit type or fully qualified')];
}

const amounts = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const;

function validateItem(item: LimitRangeItem, path: string): FieldError[] {
  const isCompute = item.type === 'Pod' || item.type === 'Container';
  const checkName = isCompute ? checkContainerResourceName : checkResourceName;
  const names = new Set<string>();
  const errors: FieldError[] = [];
  for (const key of amounts) {
    const list = Object.keys(item[key] ?? {});
    if (item.type === 'Pod' && key.startsWith('default')) {
      const text = "may not be specified when `type` is 'Pod'";
      if (list.length > 0) errors.push(forbiddenField(`${path}.${key}`, text));
      continue;
    }
    for (const name of list) {
      errors.push(...checkName(name, `${path}.${key}[${name}]`));
      names.add(name);
    }
  }
  if (item.type === 'PersistentVolumeClaim' && !item.min?.['storage'] && !item.max?.['storage']) {
    const text = 'either minimum or maximum storage value is required, but neither was provided';
    errors.push(required(`${path}.limits`, text));
  }
  return [...errors, ...[...names].flatMap((name) => validateOrder(item, name, path))];
}

/** Least ≤ default request ≤ default ≤ most, each where it is said. */
function validateOrder(item: LimitRangeItem, name: string, path: string): FieldError[] {
  const amountOf = (key: (typeof amounts)[number]) => {
    const text = item[key]?.[name];
    return text === undefined ? undefined : parseQuantity(text);
  };
  const [min, max, limit, request, ratio] = [
    amountOf('min'),
    amountOf('max'),
    amountOf('default'),
    amountOf('defaultRequest'),
    amountOf('maxLimitRequestRatio'),
  ];
  const errors: FieldError[] = [];
  const notAbove = (
    [low, lowName]: [Quantity | undefined, string],
    [high, highName]: [Quantity | undefined, string],
    key: string,
    shown: Quantity | undefined,
  ) => {
    if (!low || !high || low.compare(high) <= 0) return;
    const text = `${lowName} value ${low} is greater than ${highName} value ${high}`;
    errors.push(invalidValue(`${path}.${key}[${name}]`, String(shown), text));
  };
  notAbove([min, 'min'], [max, 'max'], 'min', min);
  notAbove([min, 'min'], [request, 'default request'], 'defaultRequest', request);
  notAbove([request, 'default request'], [max, 'max'], 'defaultRequest', request);
  notAbove([request, 'default request'], [limit, 'default limit'], 'defaultRequest', request);
  // These two show the bound, not the value that breaks it: upstream does.
  notAbove([min, 'min'], [limit, 'default'], 'default', min);
  notAbove([limit, 'default'], [max, 'max'], 'default', max);
  if (ratio && ratio.compare(parseQuantity('1')) < 0) {
    const field = `${path}.maxLimitRequestRatio[${name}]`;
    errors.push(invalidValue(field, String(ratio), `ratio ${ratio} is less than 1`));
  }
  return errors;
}
