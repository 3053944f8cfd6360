/** Validation of `matchLabelKeys` in affinity and topology spread constraints: keys must not be repeated. */

import type { LabelSelector } from '../../../../generated/types.gen.ts';
import { checkField } from '../../../../validation/field-checks.ts';
import { type FieldError, forbiddenField, invalidValue } from '../../../../validation/field-error.ts';
import { qualifiedName } from '../../../../validation/validators.ts';

export function validateLabelKeys(
  keys: string[] | undefined,
  selector: LabelSelector | undefined,
  path: string,
): FieldError[] {
  if (!keys?.length) return [];
  if (!selector) return [forbiddenField(path, 'must not be specified when labelSelector is not set')];
  return keys.flatMap((key, i) => checkField(`${path}[${i}]`, key, qualifiedName));
}

/**
 * The expression that the pod's creation made from the key is permitted; any other with the same key is not.
 */
export function refuseSelectedKeys(
  keys: string[] | undefined,
  selector: LabelSelector | undefined,
  path: string,
): FieldError[] {
  if (!keys?.length || !selector) return [];
  const places = new Map(keys.map((key, i) => [key, i]));
  const selected = new Set(Object.keys(selector.matchLabels ?? {}));
  const errors: FieldError[] = [];
  for (const { key } of selector.matchExpressions ?? []) {
    const place = places.get(key);
    if (place !== undefined && selected.has(key)) {
      const text = 'exists in both matchLabelKeys and labelSelector';
      errors.push(invalidValue(`${path}[${place}]`, key, text));
    }
    selected.add(key);
  }
  return errors;
}
