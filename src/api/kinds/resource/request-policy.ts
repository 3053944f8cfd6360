/** How much of a device's capacity a claim may ask for: some amounts, or a range in steps. */

import type { CapacityRequestPolicy, CapacityRequestPolicyRange } from '../../generated/types.gen.ts';
import { type FieldError, forbiddenField, invalidValue, required } from '../../validation/field-error.ts';
import { parseQuantity, type Quantity } from '../../values/quantity.ts';
import { checkSet } from './lists.ts';

const optionsMax = 10;

export function checkRequestPolicy(
  capacity: string,
  policy: CapacityRequestPolicy,
  path: string,
): FieldError[] {
  const { default: usual, validValues = [], validRange } = policy;
  const hasValues = validValues.length > 0;
  if (hasValues && validRange) {
    const text =
      'exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time';
    return [forbiddenField(path, text)];
  }
  if (!hasValues && !validRange) return [];
  const name = hasValues ? 'validValues' : 'validRange';
  if (usual === undefined || usual === null) {
    return [required(`${path}.default`, `required when ${name} is defined`)];
  }
  const [wanted, max] = [parseQuantity(usual), parseQuantity(capacity)];
  if (validRange) return checkRange(wanted, max, validRange, `${path}.validRange`);
  return checkValues(wanted, max, validValues, `${path}.validValues`);
}

function checkValues(usual: Quantity, max: Quantity, values: readonly string[], path: string): FieldError[] {
  const options = values.map(parseQuantity);
  const errors = options.flatMap((option, i) =>
    i > 0 && options[i - 1]!.compare(option) > 0
      ? [invalidValue(`${path}[${i}]`, option.toString(), 'values must be sorted in ascending order')]
      : [],
  );
  const checkOption = (option: Quantity, at: string) => {
    const text = `option is larger than capacity value: ${max}`;
    return option.compare(max) > 0 ? [invalidValue(at, option.toString(), text)] : [];
  };
  errors.push(...checkSet(options, optionsMax, checkOption, (option) => String(option.units()), path));
  if (options.some((option) => option.compare(usual) === 0)) return errors;
  const text = 'default value is not valid according to the requestPolicy';
  return [...errors, invalidValue(path, usual.toString(), text)];
}

function checkRange(
  usual: Quantity,
  capacity: Quantity,
  range: CapacityRequestPolicyRange,
  path: string,
): FieldError[] {
  if (!range.min) return [required(`${path}.min`, 'required when validRange is defined')];
  const min = parseQuantity(range.min);
  return [
    ...above(min, capacity, `${path}.min`, 'min is larger than capacity value'),
    ...(usual.compare(min) < 0
      ? [invalidValue(`${path}.min`, usual.toString(), `default is less than min: ${min}`)]
      : []),
    ...checkMax(usual, capacity, min, range, `${path}.max`),
    ...checkStep(usual, capacity, min, range, `${path}.step`),
  ];
}

function above(amount: Quantity, limit: Quantity, path: string, text: string): FieldError[] {
  return amount.compare(limit) > 0 ? [invalidValue(path, amount.toString(), `${text}: ${limit}`)] : [];
}

function checkMax(
  usual: Quantity,
  capacity: Quantity,
  min: Quantity,
  range: CapacityRequestPolicyRange,
  path: string,
): FieldError[] {
  if (!range.max) return [];
  const max = parseQuantity(range.max);
  return [
    ...above(min, max, path, 'min is larger than max'),
    ...above(max, capacity, path, 'max is larger than capacity value'),
    ...above(usual, max, path, 'default is more than max'),
  ];
}

function checkStep(
  usual: Quantity,
  capacity: Quantity,
  min: Quantity,
  range: CapacityRequestPolicyRange,
  path: string,
): FieldError[] {
  if (!range.step) return [];
  const step = parseQuantity(range.step);
  const first = min.add(step);
  const text = `one step ${first} is larger than capacity value: ${capacity}`;
  const errors = first.compare(capacity) > 0 ? [invalidValue(path, step.toString(), text)] : [];
  const isOffStep = (amount: Quantity) => (amount.units() - min.units()) % step.units() !== 0n;
  for (const amount of range.max ? [usual, parseQuantity(range.max)] : [usual]) {
    // Upstream's server panics for a step of 0.
    if (step.units() !== 0n && !isOffStep(amount)) continue;
    const text = `value is not a multiple of a given step (${step}) from (${min})`;
    errors.push(invalidValue(path, amount.toString(), text));
  }
  return errors;
}
