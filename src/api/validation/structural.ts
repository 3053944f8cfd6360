/** Validation by the schema alone: required fields and enumerations, for kinds without rules of their own. */

import type { JsonObject } from '#wire/json/value.ts';
import type { FieldDef, Schema, TypeDef, TypeRef } from '../schema/schema.ts';
import { type FieldError, notSupported, required } from './field-error.ts';

/** Status is written by controllers; ObjectMeta has rules of its own. */
const leftToOthers = new Set(['status', 'metadata', 'apiVersion', 'kind']);

export function validateStructure(schema: Schema, typeName: string, object: object): FieldError[] {
  const errors: FieldError[] = [];
  const type = schema.type(typeName);
  for (const field of type.fields.values()) {
    if (leftToOthers.has(field.name)) continue;
    validateField(schema, field, object as JsonObject, field.name, errors);
  }
  return errors;
}

function validateObject(
  schema: Schema,
  type: TypeDef,
  object: JsonObject,
  path: string,
  errors: FieldError[],
): void {
  for (const field of type.fields.values()) {
    validateField(schema, field, object, `${path}.${field.name}`, errors);
  }
}

function validateField(
  schema: Schema,
  field: FieldDef,
  owner: JsonObject,
  path: string,
  errors: FieldError[],
): void {
  const value = owner[field.name];
  if (value === undefined || value === null) {
    if (field.required && mustBeGiven(field.type)) errors.push(required(path));
    return;
  }
  if (field.enum) validateEnum(field.enum, value, path, errors);
  validateValue(schema, field.type, value, path, errors);
}

/** A missing number, list or map is the zero value in Go, so upstream does not find it missing. */
function mustBeGiven(ref: TypeRef): boolean {
  return ref.kind === 'string' || ref.kind === 'object';
}

function validateEnum(allowed: readonly string[], value: unknown, path: string, errors: FieldError[]): void {
  if (Array.isArray(value)) {
    value.forEach((element, i) => {
      validateEnum(allowed, element, `${path}[${i}]`, errors);
    });
  } else if (value !== '' && !allowed.includes(value as string)) {
    errors.push(notSupported(path, value, [...allowed].sort()));
  }
}

function validateValue(
  schema: Schema,
  ref: TypeRef,
  value: unknown,
  path: string,
  errors: FieldError[],
): void {
  if (ref.kind === 'object') {
    validateObject(schema, schema.type(ref.name), value as JsonObject, path, errors);
  } else if (ref.kind === 'list') {
    (value as unknown[]).forEach((item, i) => {
      validateValue(schema, ref.of, item, `${path}[${i}]`, errors);
    });
  } else if (ref.kind === 'map') {
    for (const [key, item] of Object.entries(value as JsonObject)) {
      validateValue(schema, ref.of, item, `${path}[${key}]`, errors);
    }
  }
}
