/** Validation of label selectors: operators, keys and values. */

import type { LabelSelector, LabelSelectorRequirement } from '../generated/types.gen.ts';
import { validateLabels } from '../meta/validation.ts';
import { checkField } from '../validation/field-checks.ts';
import { type FieldError, forbiddenField, invalidValue, required } from '../validation/field-error.ts';
import { labelValue, qualifiedName } from '../validation/validators.ts';

export function validateLabelSelector(selector: LabelSelector | undefined, path: string): FieldError[] {
  if (!selector) return [];
  return [
    ...validateLabels(selector.matchLabels, `${path}.matchLabels`),
    ...(selector.matchExpressions ?? []).flatMap((expression, i) =>
      validateSelectorRequirement(expression, `${path}.matchExpressions[${i}]`),
    ),
  ];
}

interface Leniency {
  readonly mayHaveUnknownOperator?: boolean;
  readonly mayHaveAnyValue?: boolean;
}

export function validateSelectorRequirement(
  requirement: LabelSelectorRequirement,
  path: string,
  { mayHaveUnknownOperator = false, mayHaveAnyValue = false }: Leniency = {},
): FieldError[] {
  const errors: FieldError[] = [];
  const values = requirement.values ?? [];
  switch (requirement.operator) {
    case 'In':
    case 'NotIn':
      if (values.length === 0) {
        errors.push(required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
      }
      break;
    case 'Exists':
    case 'DoesNotExist':
      if (values.length > 0) {
        const text = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
        errors.push(forbiddenField(`${path}.values`, text));
      }
      break;
    default:
      if (mayHaveUnknownOperator) break;
      errors.push(
        invalidValue(`${path}.operator`, requirement.operator ?? '', 'not a valid selector operator'),
      );
  }
  errors.push(...checkField(`${path}.key`, requirement.key, qualifiedName));
  for (const [i, value] of mayHaveAnyValue ? [] : values.entries()) {
    errors.push(...checkField(`${path}.values[${i}]`, value, labelValue));
  }
  return errors;
}

export function isEmptySelector(selector: LabelSelector | undefined): boolean {
  return Object.keys(selector?.matchLabels ?? {}).length + (selector?.matchExpressions?.length ?? 0) === 0;
}
