/** Validates the defaults in a schema: each must be valid by its own schema, and have no unknown fields. */

import { copyJson } from '#base/copy-json.ts';
import { equalJson } from '#wire/json/canonical.ts';
import type { JsonObject } from '#wire/json/value.ts';
import { type FieldError, invalidValue } from '../../validation/field-error.ts';
import { validateEmbedded } from '../embedded-objects.ts';
import { decodeEmbedded, WrongMetadata } from '../object-metadata.ts';
import { pruneValue } from '../prune.ts';
import { isTree, type StructuralSchema } from '../structural-schema.ts';
import { schemaValidator } from '../validate/schema-validator.ts';

export function validateDefaults(
  schema: StructuralSchema,
  path: string,
  requiresPruned: boolean,
): FieldError[] {
  if (!schema.below.hasDefaults) return [];
  const errors =
    schema.default === undefined ? [] : validateDefault(schema, `${path}.default`, requiresPruned);
  if (schema.items) errors.push(...validateDefaults(schema.items, `${path}.items`, requiresPruned));
  for (const [name, property] of schema.properties) {
    errors.push(...validateDefaults(property, `${path}.properties[${name}]`, requiresPruned));
  }
  return errors;
}

/** Whether a default has fields that its schema does not know. */
export function hasUnknownInDefaults(schema: StructuralSchema): boolean {
  if (!schema.below.hasDefaults) return false;
  if (schema.default !== undefined && !isPruned(schema)) return true;
  const below = [...schema.properties.values()];
  if (schema.items) below.push(schema.items);
  if (isTree(schema.additional)) below.push(schema.additional);
  return below.some(hasUnknownInDefaults);
}

function validateDefault(schema: StructuralSchema, path: string, requiresPruned: boolean): FieldError[] {
  const { default: value } = schema;
  const errors: FieldError[] = [];
  if (requiresPruned && !isPruned(schema)) {
    errors.push(invalidValue(path, value, 'must not have unknown fields'));
  }
  const wrong = embeddedErrors(copyJson(value), schema, path);
  if (wrong.length > 0) return [...errors, ...wrong];
  return [...errors, ...schemaValidator(schema.source).validate(value, path)];
}

function isPruned(schema: StructuralSchema): boolean {
  const pruned = copyJson(schema.default);
  pruneValue(pruned, schema);
  return equalJson(pruned, schema.default);
}

function embeddedErrors(value: unknown, schema: StructuralSchema, path: string): FieldError[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  try {
    decodeEmbedded(value as JsonObject, schema, path);
  } catch (error) {
    if (error instanceof WrongMetadata) return [error.fieldError];
    throw error;
  }
  return validateEmbedded(value as JsonObject, schema, path);
}
