/** LimitRange: the minimum, default and maximum that a container, pod or claim may request. */

import { ownValue } from '#base/own-value.ts';
import { limitRanges } from '../../generated/kinds.gen.ts';
import type { LimitRangeItem } from '../../generated/types.gen.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { checkField } from '../../validation/field-checks.ts';
import {
  duplicate,
  type FieldError,
  forbiddenField,
  invalidValue,
  required,
} from '../../validation/field-error.ts';
import { qualifiedName } from '../../validation/validators.ts';
import { parseQuantity, type Quantity } from '../../values/quantity.ts';
import {
  canOvercommit,
  checkContainerResourceName,
  checkResourceName,
} from '../pods/validation/resources/names.ts';

export const limitRange = defineKind(limitRanges, {
  hasGeneration: false,
  needsNoName: true,
  updateChecks: ['metadata', 'change'],
  allowCreateOnUpdate: true,
  setDefaults(range) {
    // Of several items for containers, which validation rejects, the first counts.
    const items = (range.spec?.limits ?? []).filter(({ type }) => type === 'Container').slice(0, 2);
    for (const item of items) {
      // Limits default to max, requests to the limits, else to min.
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
});

const standardTypes = ['Pod', 'Container', 'PersistentVolumeClaim'];

function validateType(type: string, field: string): FieldError[] {
  const errors = checkField(field, type, qualifiedName);
  if (errors.length > 0 || type.includes('/') || standardTypes.includes(type)) return errors;
  return [invalidValue(field, type, 'must be a standard limit type or fully qualified')];
}

const amounts = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const;

/** In units: larger amounts are compared in whole units, others in thousandths. */
const wholeFrom = Number(2n ** 63n / 1000n);

function validateItem(item: LimitRangeItem, path: string): FieldError[] {
  const isCompute = item.type === 'Pod' || item.type === 'Container';
  const checkName = isCompute ? checkContainerResourceName : checkResourceName;
  const names = new Set<string>();
  const errors: FieldError[] = [];
  for (const key of amounts) {
    if (key === 'maxLimitRequestRatio') errors.push(...validateClaimBounds(item, path));
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
  return [...errors, ...[...names].flatMap((name) => validateOrder(item, name, path))];
}

function validateClaimBounds(item: LimitRangeItem, path: string): FieldError[] {
  if (item.type !== 'PersistentVolumeClaim' || item.min?.['storage'] || item.max?.['storage']) return [];
  const text = 'either minimum or maximum storage value is required, but neither was provided';
  return [required(`${path}.limits`, text)];
}

/** min ≤ defaultRequest ≤ default ≤ max, as far as they are set. */
function validateOrder(item: LimitRangeItem, name: string, path: string): FieldError[] {
  const amountOf = (key: (typeof amounts)[number]) => {
    const text = ownValue(item[key] ?? {}, name);
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
  // As upstream, these two messages show the bound, not the offending value.
  notAbove([min, 'min'], [limit, 'default'], 'default', min);
  notAbove([limit, 'default'], [max, 'max'], 'default', max);
  if (ratio) errors.push(...validateRatio(ratio, min, max, `${path}.maxLimitRequestRatio[${name}]`));
  if (!canOvercommit(name) && limit && request && limit.compare(request) !== 0) {
    const text = `default value ${limit} must equal to defaultRequest value ${request} in ${name}`;
    errors.push(invalidValue(`${path}.defaultRequest[${name}]`, String(request), text));
  }
  return errors;
}

/** At least 1, and not more than min and max permit. */
function validateRatio(
  ratio: Quantity,
  min: Quantity | undefined,
  max: Quantity | undefined,
  field: string,
): FieldError[] {
  const say = (text: string) => invalidValue(field, String(ratio), `ratio ${ratio} ${text}`);
  const errors = ratio.compare(parseQuantity('1')) < 0 ? [say('is less than 1')] : [];
  if (!min || !max) return errors;
  const whole = [ratio, min, max].some((quantity) => quantity.value() >= wholeFrom);
  const amountIn = (quantity: Quantity) => (whole ? quantity.value() : quantity.milliValue());
  const room = amountIn(max) / amountIn(min);
  const wanted = whole ? amountIn(ratio) : amountIn(ratio) / 1000;
  if (wanted > room) errors.push(say(`is greater than max/min = ${room.toFixed(6)}`));
  return errors;
}
