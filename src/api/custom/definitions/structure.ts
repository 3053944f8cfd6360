/**
 * The rules that make a schema structural: every field has one type, and `allOf`, `anyOf`, `oneOf` and `not` only
 * restrict fields that the schema declares outside of these.
 */

import { appendAll } from '#base/append-all.ts';
import { equalJson } from '#wire/json/canonical.ts';
import type { JSONSchemaProps } from '../../generated/types.gen.ts';
import {
  type FieldError,
  fieldErrorMessage,
  forbiddenField,
  invalidValue,
  required,
} from '../../validation/field-error.ts';
import { isSchema } from '../structural-schema.ts';
import { validateCompleteness } from './completeness.ts';
import { patternError } from './pattern-error.ts';

type Level = 'root' | 'item' | 'field';

/** Sorted by their text, as upstream. */
export function validateStructural(schema: JSONSchemaProps, path: string): FieldError[] {
  const errors: FieldError[] = [];
  ofSchema(schema, 'root', path, errors);
  appendAll(errors, validateCompleteness(schema, path));
  const byText = errors.map((error) => ({ error, text: fieldErrorMessage(error) }));
  return byText.sort((a, b) => (a.text < b.text ? -1 : Number(a.text > b.text))).map(({ error }) => error);
}

/** Why upstream cannot convert the schema to a structural one; undefined if it can. */
export function notStructural(schema: JSONSchemaProps): string | undefined {
  const unsupported = unsupportedIn(schema);
  if (unsupported) return `OpenAPIV3Schema '${unsupported}' is not supported`;
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
    return "internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined";
  }
  if (Array.isArray(schema.items)) return "OpenAPIV3Schema 'items' must be a schema, but is an array";
  for (const below of schemasBelow(schema)) {
    const why = notStructural(below);
    if (why) return why;
  }
  return undefined;
}

function unsupportedIn(schema: JSONSchemaProps): string | undefined {
  if (schema.id) return 'id';
  if (schema.$schema) return 'schema';
  if (schema.$ref) return '$ref';
  if (hasSome(schema.patternProperties)) return 'patternProperties';
  if (hasSome(schema.dependencies)) return 'dependencies';
  if (schema.additionalItems !== undefined) return 'additionalItems';
  return hasSome(schema.definitions) ? 'definitions' : undefined;
}

function hasSome(map: object | undefined): boolean {
  return map !== undefined && Object.keys(map).length > 0;
}

const none: readonly JSONSchemaProps[] = [];

/** All schemas directly within a schema. */
export function schemasBelow(schema: JSONSchemaProps): readonly JSONSchemaProps[] {
  const { items, additionalProperties, allOf, anyOf, oneOf, not, properties } = schema;
  if (!(items || additionalProperties || allOf || anyOf || oneOf || not || properties)) return none;
  const below: JSONSchemaProps[] = [];
  if (isSchema(items)) below.push(items);
  for (const list of [allOf, anyOf, oneOf]) if (list) for (const each of list) below.push(each);
  if (not) below.push(not);
  for (const name in properties) below.push(properties[name]!);
  if (isSchema(additionalProperties)) below.push(additionalProperties);
  return below;
}

/** Adds to `errors`: nearly every schema has none, and would make many empty lists. */
function ofSchema(schema: JSONSchemaProps, level: Level, path: string, errors: FieldError[]): void {
  const { type = '', items, additionalProperties, properties } = schema;
  if (type === 'array' && !isSchema(items)) errors.push(required(`${path}.items`, 'must be specified'));
  if (isSchema(items)) ofSchema(items, 'item', `${path}.items`, errors);
  for (const name in properties) {
    ofSchema(properties[name]!, 'field', `${path}.properties[${name}]`, errors);
  }
  if (additionalProperties !== undefined) {
    const at = `${path}.additionalProperties`;
    if (level === 'root') errors.push(forbiddenField(at, 'must not be used at the root'));
    if (isSchema(additionalProperties)) ofSchema(additionalProperties, 'field', at, errors);
  }
  appendAll(errors, ofExtensions(schema, path));
  appendAll(errors, ofValues(schema, ofIntOrString(schema), path));
  appendAll(errors, ofType(schema, level, path));
  appendAll(errors, ofTypeFields(schema, level, path));
}

function ofExtensions(schema: JSONSchemaProps, path: string): FieldError[] {
  if (!schema['x-kubernetes-int-or-string']) return [];
  const text = 'must be false if x-kubernetes-int-or-string is true';
  return (['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource'] as const)
    .filter((extension) => schema[extension])
    .map((extension) => invalidValue(`${path}.${extension}`, true, text));
}

const missingType: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
};

function ofType(schema: JSONSchemaProps, level: Level, path: string): FieldError[] {
  const { type = '' } = schema;
  const isEmbedded = schema['x-kubernetes-embedded-resource'] === true;
  const isFree =
    schema['x-kubernetes-int-or-string'] === true || schema['x-kubernetes-preserve-unknown-fields'] === true;
  const errors: FieldError[] = [];
  if (isEmbedded && type !== 'object') {
    const text = 'must be object if x-kubernetes-embedded-resource is true';
    errors.push(type === '' ? required(`${path}.type`, text) : invalidValue(`${path}.type`, type, text));
  } else if (type === '' && !isFree) errors.push(required(`${path}.type`, missingType[level]));
  if (isEmbedded && schema.additionalProperties !== undefined) {
    const text = 'must not be used if x-kubernetes-embedded-resource is set';
    errors.push(forbiddenField(`${path}.additionalProperties`, text));
  }
  if (level === 'root' && type !== '' && type !== 'object') {
    errors.push(invalidValue(`${path}.type`, type, 'must be object at the root'));
  }
  return errors;
}

/** kind, apiVersion and metadata of the resource and of embedded resources. */
function ofTypeFields(schema: JSONSchemaProps, level: Level, path: string): FieldError[] {
  const { properties = {} } = schema;
  const isEmbedded = schema['x-kubernetes-embedded-resource'] === true;
  const isResource = level === 'root' || isEmbedded;
  const errors: FieldError[] = [];
  for (const name of ['kind', 'apiVersion']) {
    const property = isResource && Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (!property || property.type === 'string') continue;
    errors.push(invalidValue(`${path}.properties[${name}].type`, property.type ?? '', 'must be string'));
  }
  const metadata = Object.hasOwn(properties, 'metadata') ? properties['metadata'] : undefined;
  if (metadata) errors.push(...ofMetadata(metadata, isResource, level, `${path}.properties[metadata]`));
  if (isEmbedded && !schema['x-kubernetes-preserve-unknown-fields'] && !hasSome(properties)) {
    const text =
      'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields';
    errors.push(required(`${path}.properties`, text));
  }
  return errors;
}

function ofMetadata(
  metadata: JSONSchemaProps,
  isResource: boolean,
  level: Level,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  if (isResource && metadata.type !== 'object') {
    errors.push(invalidValue(`${path}.type`, metadata.type ?? '', 'must be object'));
  }
  if (level !== 'root') return errors;
  const { type: _, default: __, properties = {}, ...rest } = metadata;
  const isNamesOnly = Object.keys(properties).every((name) => name === 'name' || name === 'generateName');
  if (!isNamesOnly || Object.keys(rest).length > 0) {
    const text =
      'must not specify anything other than name and generateName, but metadata is implicitly specified';
    errors.push(forbiddenField(path, text));
  }
  return errors;
}

const intOrString = [{ type: 'integer' }, { type: 'string' }];

/** The only place where `anyOf` may have types: beside x-kubernetes-int-or-string. */
interface IntOrString {
  readonly inAnyOf: boolean;
  readonly inFirstAllOf: boolean;
}

function ofIntOrString({ anyOf, allOf }: JSONSchemaProps): IntOrString {
  return {
    inAnyOf: equalJson(anyOf ?? null, intOrString),
    inFirstAllOf: equalJson(allOf?.[0]?.anyOf ?? null, intOrString),
  };
}

function ofValues(
  schema: JSONSchemaProps,
  { inAnyOf, inFirstAllOf }: IntOrString,
  path: string,
): FieldError[] {
  const { anyOf = [], allOf = [], oneOf = [], not, pattern } = schema;
  const errors: FieldError[] = [];
  if (!inAnyOf) {
    for (const [i, each] of anyOf.entries()) errors.push(...ofNested(each, `${path}.anyOf[${i}]`));
  }
  for (const [i, each] of allOf.entries()) {
    errors.push(...ofNested(each, `${path}.allOf[${i}]`, inFirstAllOf && i === 0));
  }
  for (const [i, each] of oneOf.entries()) errors.push(...ofNested(each, `${path}.oneOf[${i}]`));
  if (not) errors.push(...ofNested(not, `${path}.not`));
  const error = pattern ? patternError(pattern) : undefined;
  if (error !== undefined) {
    const text = `must be a valid regular expression, but isn't: ${error}`;
    errors.push(invalidValue(`${path}.pattern`, pattern, text));
  }
  return errors;
}

/** Fields that a schema within `allOf`, `anyOf`, `oneOf` or `not` may not set. */
const forbiddenWithin = [
  ['type', 'must be empty to be structural'],
  ['additionalProperties', 'must be undefined to be structural'],
  ['default', 'must be undefined to be structural'],
  ['title', 'must be empty to be structural'],
  ['description', 'must be empty to be structural'],
  ['nullable', 'must be false to be structural'],
  ['x-kubernetes-preserve-unknown-fields', 'must be false to be structural'],
  ['x-kubernetes-embedded-resource', 'must be false to be structural'],
  ['x-kubernetes-int-or-string', 'must be false to be structural'],
  ['x-kubernetes-list-map-keys', 'must be empty to be structural'],
  ['x-kubernetes-list-type', 'must be undefined to be structural'],
  ['x-kubernetes-map-type', 'must be undefined to be structural'],
  ['x-kubernetes-validations', 'must be empty to be structural'],
] as const;

/** Of the forbidden fields those that are pointers in Go: refused whatever their value. */
const pointers: ReadonlySet<string> = new Set(['default', 'x-kubernetes-list-type', 'x-kubernetes-map-type']);

function ofNested(schema: JSONSchemaProps, path: string, mayBeIntOrString = false): FieldError[] {
  const { items, properties = {} } = schema;
  const errors = ofValues(schema, { inAnyOf: mayBeIntOrString, inFirstAllOf: false }, path);
  if (isSchema(items)) errors.push(...ofNested(items, `${path}.items`));
  for (const [name, property] of Object.entries(properties)) {
    errors.push(...ofNested(property, `${path}.properties[${name}]`));
  }
  for (const [field, text] of forbiddenWithin) {
    const value = schema[field];
    if (value === undefined || (!pointers.has(field) && (value === '' || value === false))) continue;
    if (Array.isArray(value) && value.length === 0) continue;
    errors.push(forbiddenField(`${path}.${field}`, text));
  }
  if (Object.hasOwn(properties, 'metadata')) {
    errors.push(forbiddenField(`${path}.properties[metadata]`, 'must not be specified in a nested context'));
  }
  return errors;
}
