/** Conditions that a device waits for, or fails with, before a pod is bound. */

import { checkField } from '../../validation/field-checks.ts';
import { duplicate, type FieldError, invalidValue } from '../../validation/field-error.ts';
import { repeats } from '../../validation/repeats.ts';
import { qualifiedName } from '../../validation/validators.ts';
import { checkItems } from './lists.ts';

const conditionsMax = 4;

interface BindingConditions {
  readonly bindingConditions?: string[];
  readonly bindingFailureConditions?: string[];
}

export function checkBindingConditions(
  { bindingConditions = [], bindingFailureConditions = [] }: BindingConditions,
  path: string,
): FieldError[] {
  const [wanted, failed] = [`${path}.bindingConditions`, `${path}.bindingFailureConditions`];
  const checkName = (name: string, at: string) => checkField(at, name, qualifiedName);
  const errors = [
    ...checkItems(bindingConditions, conditionsMax, checkName, wanted),
    ...checkItems(bindingFailureConditions, conditionsMax, checkName, failed),
    ...checkRepeats(bindingConditions, wanted),
    ...checkFailures(bindingFailureConditions, bindingConditions, failed),
  ];
  const [hasWanted, hasFailed] = [bindingConditions.length > 0, bindingFailureConditions.length > 0];
  if (hasFailed && !hasWanted) {
    errors.push(invalidValue(wanted, null, 'bindingConditions are required to use bindingFailureConditions'));
  }
  if (hasWanted && !hasFailed) {
    errors.push(invalidValue(failed, null, 'bindingFailureConditions are required to use bindingConditions'));
  }
  return errors;
}

function checkRepeats(names: readonly string[], path: string): FieldError[] {
  return repeats(names).flatMap((isRepeated, i) =>
    isRepeated ? [duplicate(`${path}[${i}]`, names[i])] : [],
  );
}

function checkFailures(names: readonly string[], wanted: readonly string[], path: string): FieldError[] {
  const isRepeated = repeats(names);
  return names.flatMap((name, i) => {
    const at = `${path}[${i}]`;
    const text = 'bindingFailureConditions must not overlap with bindingConditions';
    return [
      ...(isRepeated[i] ? [duplicate(at, name)] : []),
      ...(wanted.includes(name) ? [invalidValue(at, name, text)] : []),
    ];
  });
}
