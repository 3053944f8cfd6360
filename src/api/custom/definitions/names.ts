/** Validates the names of a definition. */

import type { CustomResourceDefinitionNames } from '../../generated/types.gen.ts';
import { type FieldError, invalidValue, required } from '../../validation/field-error.ts';
import { dns1035Label } from '../../validation/validators.ts';

export function validateNeededNames(
  names: Partial<CustomResourceDefinitionNames>,
  path: string,
): FieldError[] {
  return (['plural', 'singular', 'kind', 'listKind'] as const)
    .filter((name) => !names[name])
    .map((name) => required(`${path}.${name}`));
}

export function validateNames(names: Partial<CustomResourceDefinitionNames>, path: string): FieldError[] {
  const { plural = '', singular = '', kind = '', listKind = '', shortNames = [], categories = [] } = names;
  const errors = [
    ...(plural ? checkLabel(`${path}.plural`, plural) : []),
    ...(singular ? checkLabel(`${path}.singular`, singular) : []),
    ...(kind ? checkMixedCase(`${path}.kind`, kind) : []),
    ...(listKind ? checkMixedCase(`${path}.listKind`, listKind) : []),
    ...shortNames.flatMap((name, i) => checkLabel(`${path}.shortNames[${i}]`, name)),
  ];
  if (kind && kind === listKind) {
    errors.push(invalidValue(`${path}.listKind`, listKind, 'kind and listKind may not be the same'));
  }
  return [...errors, ...categories.flatMap((name, i) => checkLabel(`${path}.categories[${i}]`, name))];
}

/** A single error with all problems. */
export function checkLabel(path: string, name: string): FieldError[] {
  const wrong = dns1035Label(name);
  return wrong.length === 0 ? [] : [invalidValue(path, name, wrong.join(','))];
}

function checkMixedCase(path: string, name: string): FieldError[] {
  const wrong = dns1035Label(name.toLowerCase());
  if (wrong.length === 0) return [];
  const text = `may have mixed case, but should otherwise match: ${wrong.join(',')}`;
  return [invalidValue(path, name, text)];
}
