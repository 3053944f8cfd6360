/** Validates the selectable fields of a version. */

import type { JSONSchemaProps, SelectableField } from '../../generated/types.gen.ts';
import { duplicate, type FieldError, invalidValue, required, tooMany } from '../../validation/field-error.ts';
import { findField } from '../field-path.ts';

export const selectableFieldsMax = 8;

const selectableTypes: readonly unknown[] = ['string', 'boolean', 'integer'];

/** `hasMany`: the old definition has too many already. */
export function validateSelectableFields(
  fields: readonly SelectableField[],
  schema: JSONSchemaProps,
  path: string,
  hasMany: boolean,
): FieldError[] {
  const seen = new Set<string>();
  const errors = fields.flatMap(({ jsonPath }, i) =>
    ofField(jsonPath, schema, `${path}[${i}].jsonPath`, seen),
  );
  if (seen.size > selectableFieldsMax && !hasMany) {
    errors.push(tooMany(path, seen.size, selectableFieldsMax));
  }
  return errors;
}

function ofField(jsonPath: string, schema: JSONSchemaProps, path: string, seen: Set<string>): FieldError[] {
  if (!jsonPath) return [required(path)];
  const found = findField(jsonPath, schema, false);
  if (typeof found === 'string') return [invalidValue(path, jsonPath, `is an invalid path: ${found}`)];
  const errors: FieldError[] = [];
  if (found.steps[0] === 'metadata') {
    errors.push(invalidValue(path, jsonPath, 'must not point to fields in metadata'));
  }
  if (!selectableTypes.includes(found.schema.type)) {
    const text =
      'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.';
    errors.push(invalidValue(path, jsonPath, text));
  }
  if (seen.has(found.path)) errors.push(duplicate(path, jsonPath));
  seen.add(found.path);
  return errors;
}
