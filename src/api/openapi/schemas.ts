/**
 * JSON schemas of the schema's types, in the dialects of OpenAPI 2 and 3, with the x-kubernetes extensions: written for
 * version 3, and without what version 2 does not have.
 */

import type { FieldDef, OpenApiVersion, Schema, TypeDef, TypeRef } from '../schema/schema.ts';
import { descriptionOf } from './descriptions.ts';
import { type JsonSchema, publishedFacts, type TypeFacts } from './published-facts.ts';

export interface Dialect {
  readonly version: OpenApiVersion;
  readonly refPrefix: string;
}

export const v2Dialect: Dialect = { version: 2, refPrefix: '#/definitions/' };
export const v3Dialect: Dialect = { version: 3, refPrefix: '#/components/schemas/' };

export const patchType = 'io.k8s.apimachinery.pkg.apis.meta.v1.Patch';
const intOrStringType = 'io.k8s.apimachinery.pkg.util.intstr.IntOrString';

const plainSchemas: Readonly<Record<string, JsonSchema>> = {
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  double: { type: 'number', format: 'double' },
  bytes: { type: 'string', format: 'byte' },
  any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
};

const zeroValues: Readonly<Record<string, unknown>> = {
  string: '',
  boolean: false,
  int32: 0,
  int64: 0,
  double: 0,
};

const namedScalars: Readonly<Record<string, string>> = {
  quantity: 'io.k8s.apimachinery.pkg.api.resource.Quantity',
  intOrString: intOrStringType,
  time: 'io.k8s.apimachinery.pkg.apis.meta.v1.Time',
  duration: 'io.k8s.apimachinery.pkg.apis.meta.v1.Duration',
  microTime: 'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime',
};

/** The schemas of `roots` and of all they refer to, by name. */
export function reachableSchemas(
  schema: Schema,
  roots: Iterable<string>,
  dialect: Dialect,
): Map<string, JsonSchema> {
  const found = new Map<string, JsonSchema>();
  const open = [...roots];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (found.has(name)) continue;
    const own = publishedFacts().types[name]?.schema;
    const made = own ? inDialect(name, own, dialect) : typeSchema(schema.type(name), dialect);
    found.set(name, made);
    open.push(...references(made, dialect));
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function* references(value: unknown, dialect: Dialect): Generator<string> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) {
    if (key === '$ref' && typeof item === 'string') yield item.slice(dialect.refPrefix.length);
    else if (key !== 'default') yield* references(item, dialect);
  }
}

function typeSchema(type: TypeDef, dialect: Dialect): JsonSchema {
  const published = type.published?.(dialect.version);
  return published ?? inDialect(type.name, objectSchema(type, publishedFacts().types[type.name]), dialect);
}

/** The schema of version 3. */
export function objectSchema(type: TypeDef, facts: TypeFacts = {}): JsonSchema {
  const properties: JsonSchema = {};
  for (const name of [...type.fields.keys()].sort()) {
    const field = type.fields.get(name)!;
    const description = descriptionOf(type, field);
    properties[name] = {
      ...(description === undefined ? {} : { description }),
      ...(facts.fields?.[name] ?? fieldSchema(field)),
    };
  }
  const required = facts.required ?? type.required;
  return {
    type: 'object',
    ...(type.fields.size > 0 ? { properties } : {}),
    ...(required.length > 0 ? { required } : {}),
    ...(type.mapType ? { 'x-kubernetes-map-type': type.mapType } : {}),
    ...(facts.unions ? { 'x-kubernetes-unions': facts.unions } : {}),
  };
}

export function fieldSchema(field: FieldDef): JsonSchema {
  const schema = valueSchema(field.type);
  const fallback = field.default ?? defaultOf(field);
  return {
    // OpenAPI 3 ignores everything beside a $ref.
    ...('$ref' in schema ? { allOf: [schema] } : schema),
    ...(field.enum && field.type.kind === 'string' ? { enum: [...field.enum].sort() } : {}),
    ...(fallback === undefined ? {} : { default: fallback }),
    ...(field.listType ? { 'x-kubernetes-list-type': field.listType } : {}),
    ...(field.listMapKeys ? { 'x-kubernetes-list-map-keys': field.listMapKeys } : {}),
    ...(field.mapType ? { 'x-kubernetes-map-type': field.mapType } : {}),
    ...(field.patchStrategy ? { 'x-kubernetes-patch-strategy': field.patchStrategy } : {}),
    ...(field.patchMergeKey ? { 'x-kubernetes-patch-merge-key': field.patchMergeKey } : {}),
  };
}

/** Go's zero value, of a field that is never absent. */
function defaultOf({ type, byValue, writesZero }: FieldDef): unknown {
  if (type.kind === 'object') return byValue ? {} : undefined;
  return writesZero ? zeroValues[type.kind] : undefined;
}

function valueSchema(ref: TypeRef): JsonSchema {
  switch (ref.kind) {
    case 'object':
      return { $ref: v3Dialect.refPrefix + ref.name };
    case 'list':
      return { type: 'array', items: elementSchema(ref.of) };
    case 'map':
      return { type: 'object', additionalProperties: elementSchema(ref.of) };
    default: {
      const named = namedScalars[ref.kind];
      return named ? { $ref: v3Dialect.refPrefix + named } : (plainSchemas[ref.kind] ?? {});
    }
  }
}

/** Elements are never absent: those that are structs or plain values have a default. */
function elementSchema(ref: TypeRef): JsonSchema {
  const schema = valueSchema(ref);
  if (ref.kind === 'object') return { allOf: [schema], default: {} };
  const zero = zeroValues[ref.kind];
  return zero === undefined ? schema : { ...schema, default: zero };
}

function inDialect(name: string, schema: JsonSchema, dialect: Dialect): JsonSchema {
  if (dialect === v3Dialect) return schema;
  // Version 2 has no alternatives.
  if (name === intOrStringType) return { type: 'string', format: 'int-or-string' };
  return inVersion2(schema) as JsonSchema;
}

/** Without defaults, references as they are, and one type where version 3 has alternatives. */
function inVersion2(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inVersion2);
  if (typeof value !== 'object' || value === null) return value;
  const { default: _, allOf, oneOf, $ref, properties, ...rest } = value as JsonSchema;
  const made: JsonSchema = Object.fromEntries(
    Object.entries(rest).map(([key, item]) => [key, inVersion2(item)]),
  );
  const [only] = (allOf ?? []) as JsonSchema[];
  const reference = ($ref ?? only?.['$ref']) as string | undefined;
  if (reference) made['$ref'] = reference.replace(v3Dialect.refPrefix, v2Dialect.refPrefix);
  if (oneOf) Object.assign(made, (oneOf as JsonSchema[])[0]);
  if (properties) {
    made['properties'] = Object.fromEntries(
      Object.entries(properties).map(([name, property]) => [name, inVersion2(property)]),
    );
  }
  return made;
}
