/** Upstream's rules for the schema of a version, besides those of a structural schema. */

import type { JSONSchemaProps } from '../../generated/types.gen.ts';
import {
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
} from '../../validation/field-error.ts';
import { isSchema } from '../structural-schema.ts';
import { validateListType } from './list-rules.ts';
import { validateRules } from './rules.ts';

/** Rules that are not enforced if the old definition violates them already. */
export interface SchemaStrictness {
  readonly requiresKnownTypes: boolean;
  readonly requiresAtomicSets: boolean;
  readonly requiresListKeys: boolean;
}

interface Place {
  readonly isRoot: boolean;
  /** Below metadata, kind or apiVersion of a resource. */
  readonly isInMetadata: boolean;
  /** Why no default may be set here. */
  readonly defaultsForbidden?: string;
}

export const schemaTypes = ['array', 'boolean', 'integer', 'number', 'object', 'string'];

export function validateSchemaRules(
  schema: JSONSchemaProps,
  path: string,
  strictness: SchemaStrictness,
): FieldError[] {
  return ofSchema(schema, path, { isRoot: true, isInMetadata: false }, strictness);
}

function ofSchema(
  schema: JSONSchemaProps,
  path: string,
  place: Place,
  strictness: SchemaStrictness,
): FieldError[] {
  const errors = ofStandard(schema, path, place, strictness);
  if (schema.uniqueItems) {
    const text = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic';
    errors.push(forbiddenField(`${path}.uniqueItems`, text));
  }
  return [
    ...errors,
    ...ofAdditional(schema, path, place, strictness),
    ...ofProperties(schema, path, place, strictness),
    ...ofNested(schema, path, { ...place, isRoot: false }, strictness),
    ...ofMapType(schema, path),
    ...validateListType(schema, path, strictness),
    ...validateRules(schema, path),
  ];
}

const unsupported = [
  'id',
  'additionalItems',
  'patternProperties',
  'definitions',
  'dependencies',
  '$ref',
] as const;

/** Of the unsupported fields those that are pointers in Go: refused even if empty. */
const pointers: readonly string[] = ['additionalItems', 'dependencies'];

function ofStandard(
  schema: JSONSchemaProps,
  path: string,
  { isInMetadata, defaultsForbidden }: Place,
  { requiresKnownTypes }: SchemaStrictness,
): FieldError[] {
  const { type = '', default: value } = schema;
  const errors: FieldError[] = [];
  if (requiresKnownTypes && type !== '' && !schemaTypes.includes(type)) {
    errors.push(notSupported(`${path}.type`, type, schemaTypes));
  }
  if (defaultsForbidden !== undefined && value !== undefined && value !== null) {
    errors.push(forbiddenField(`${path}.default`, `must not be set ${defaultsForbidden}`));
  }
  for (const field of unsupported) {
    const given = schema[field];
    if (given === undefined || (given === '' && field === 'id')) continue;
    if (!pointers.includes(field) && typeof given === 'object' && Object.keys(given as object).length === 0) {
      continue;
    }
    errors.push(forbiddenField(`${path}.${field}`, `${field} is not supported`));
  }
  if (type === 'null') {
    const text = 'type cannot be set to null, use nullable as an alternative';
    errors.push(forbiddenField(`${path}.type`, text));
  }
  if (Array.isArray(schema.items) && schema.items.length > 0) {
    errors.push(forbiddenField(`${path}.items`, 'items must be a schema object and not an array'));
  }
  if (isInMetadata && schema['x-kubernetes-embedded-resource']) {
    const text = 'must not be used inside of resource meta';
    errors.push(forbiddenField(`${path}.x-kubernetes-embedded-resource`, text));
  }
  return errors;
}

function ofAdditional(
  schema: JSONSchemaProps,
  path: string,
  place: Place,
  strictness: SchemaStrictness,
): FieldError[] {
  const { additionalProperties, properties = {} } = schema;
  if (additionalProperties === undefined) return [];
  const at = `${path}.additionalProperties`;
  const errors: FieldError[] = [];
  if (Object.keys(properties).length > 0 && additionalProperties !== true) {
    errors.push(forbiddenField(at, 'additionalProperties and properties are mutual exclusive'));
  }
  if (!isSchema(additionalProperties)) return errors;
  const below: Place = {
    ...place,
    isRoot: false,
    ...(place.isInMetadata
      ? { defaultsForbidden: 'inside additionalProperties applying to object metadata' }
      : {}),
  };
  return [...errors, ...ofSchema(additionalProperties, at, below, strictness)];
}

const typeFields = new Set(['metadata', 'kind', 'apiVersion']);

function ofProperties(
  schema: JSONSchemaProps,
  path: string,
  place: Place,
  strictness: SchemaStrictness,
): FieldError[] {
  const isResource = place.isRoot || schema['x-kubernetes-embedded-resource'] === true;
  const below: Place = { ...place, isRoot: false };
  const belowTypeField = (name: string): Place => ({
    ...below,
    isInMetadata: true,
    ...(place.isRoot ? { defaultsForbidden: `in top-level ${name}` } : {}),
  });
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const itsPlace = isResource && typeFields.has(name) ? belowTypeField(name) : below;
    return ofSchema(property, `${path}.properties[${name}]`, itsPlace, strictness);
  });
}

function ofNested(
  schema: JSONSchemaProps,
  path: string,
  place: Place,
  strictness: SchemaStrictness,
): FieldError[] {
  const { not, items } = schema;
  const errors = not ? ofSchema(not, `${path}.not`, place, strictness) : [];
  for (const name of ['allOf', 'oneOf', 'anyOf'] as const) {
    for (const [i, each] of (schema[name] ?? []).entries()) {
      errors.push(...ofSchema(each, `${path}.${name}[${i}]`, place, strictness));
    }
  }
  if (isSchema(items)) errors.push(...ofSchema(items, `${path}.items`, place, strictness));
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
    const field = `${path}.x-kubernetes-preserve-unknown-fields`;
    errors.push(invalidValue(field, false, 'must be true or undefined'));
  }
  return errors;
}

function ofMapType(schema: JSONSchemaProps, path: string): FieldError[] {
  const { type = '', 'x-kubernetes-map-type': mapType } = schema;
  if (mapType === undefined) return [];
  const errors: FieldError[] = [];
  const text = 'must be object if x-kubernetes-map-type is specified';
  if (type === '') errors.push(required(`${path}.type`, text));
  else if (type !== 'object') errors.push(invalidValue(`${path}.type`, type, text));
  const known = ['atomic', 'granular'];
  if (!known.includes(mapType)) errors.push(notSupported(`${path}.x-kubernetes-map-type`, mapType, known));
  return errors;
}
