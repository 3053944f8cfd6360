/**
 * JSON schemas of the schema's types, in the dialects of OpenAPI 2 and 3, with the x-kubernetes extensions.
 */

import type { FieldDef, OpenApiVersion, Schema, TypeDef, TypeRef } from '../schema/schema.ts';
import { descriptionOf } from './descriptions.ts';

export type JsonSchema = Record<string, unknown>;

export interface Dialect {
  readonly version: OpenApiVersion;
  readonly refPrefix: string;
  /** Types that are encoded as a single value. */
  readonly scalars: Readonly<Record<string, JsonSchema>>;
}

const timeSchema = { type: 'string', format: 'date-time' };
export const patchType = 'io.k8s.apimachinery.pkg.apis.meta.v1.Patch';
const quantityType = 'io.k8s.apimachinery.pkg.api.resource.Quantity';
const intOrStringType = 'io.k8s.apimachinery.pkg.util.intstr.IntOrString';
const timeType = 'io.k8s.apimachinery.pkg.apis.meta.v1.Time';
const microTimeType = 'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime';

export const v2Dialect: Dialect = {
  version: 2,
  refPrefix: '#/definitions/',
  scalars: {
    [quantityType]: { type: 'string' },
    [intOrStringType]: { type: 'string', format: 'int-or-string' },
    [timeType]: timeSchema,
    [microTimeType]: timeSchema,
    [patchType]: { type: 'object' },
  },
};

export const v3Dialect: Dialect = {
  version: 3,
  refPrefix: '#/components/schemas/',
  scalars: {
    [quantityType]: { oneOf: [{ type: 'string' }, { type: 'number' }] },
    [intOrStringType]: { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] },
    [timeType]: timeSchema,
    [microTimeType]: timeSchema,
    [patchType]: { type: 'object' },
  },
};

const plainSchemas: Readonly<Record<string, JsonSchema>> = {
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  double: { type: 'number', format: 'double' },
  bytes: { type: 'string', format: 'byte' },
  any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
};

const namedScalars: Readonly<Record<string, string>> = {
  quantity: quantityType,
  intOrString: intOrStringType,
  time: timeType,
  microTime: microTimeType,
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
    const scalar = dialect.scalars[name];
    if (scalar) {
      found.set(name, scalar);
      continue;
    }
    const type = schema.type(name);
    found.set(name, type.published?.(dialect.version) ?? objectSchema(type, dialect));
    for (const field of type.fields.values()) {
      const mentioned = mentionedType(field.type);
      if (mentioned) open.push(mentioned);
    }
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function mentionedType(ref: TypeRef): string | undefined {
  if (ref.kind === 'list' || ref.kind === 'map') return mentionedType(ref.of);
  return ref.kind === 'object' ? ref.name : namedScalars[ref.kind];
}

function objectSchema(type: TypeDef, dialect: Dialect): JsonSchema {
  const properties: JsonSchema = {};
  for (const field of type.fields.values()) {
    properties[field.name] = fieldSchema(field, dialect, descriptionOf(type, field));
  }
  return {
    type: 'object',
    ...(type.fields.size > 0 ? { properties } : {}),
    ...(type.required.length > 0 ? { required: type.required } : {}),
    ...(type.mapType ? { 'x-kubernetes-map-type': type.mapType } : {}),
  };
}

function fieldSchema(field: FieldDef, dialect: Dialect, description?: string): JsonSchema {
  const schema = valueSchema(field.type, dialect);
  const extras: JsonSchema = description === undefined ? {} : { description };
  if (field.listType) extras['x-kubernetes-list-type'] = field.listType;
  if (field.listMapKeys) extras['x-kubernetes-list-map-keys'] = field.listMapKeys;
  if (field.mapType) extras['x-kubernetes-map-type'] = field.mapType;
  if (field.patchStrategy) extras['x-kubernetes-patch-strategy'] = field.patchStrategy;
  if (field.patchMergeKey) extras['x-kubernetes-patch-merge-key'] = field.patchMergeKey;
  if (dialect === v3Dialect) Object.assign(extras, enumAndDefault(field));
  if (Object.keys(extras).length === 0) return schema;
  // OpenAPI 3 ignores everything beside a $ref.
  return '$ref' in schema && dialect === v3Dialect
    ? { allOf: [schema], ...extras }
    : { ...schema, ...extras };
}

function enumAndDefault(field: FieldDef): JsonSchema {
  return {
    ...(field.enum && field.type.kind === 'string' ? { enum: [...field.enum].sort() } : {}),
    ...(field.default === undefined ? {} : { default: field.default }),
  };
}

function valueSchema(ref: TypeRef, dialect: Dialect): JsonSchema {
  switch (ref.kind) {
    case 'object':
      return { $ref: dialect.refPrefix + ref.name };
    case 'list':
      return { type: 'array', items: valueSchema(ref.of, dialect) };
    case 'map':
      return { type: 'object', additionalProperties: valueSchema(ref.of, dialect) };
    default: {
      const named = namedScalars[ref.kind];
      return named ? { $ref: dialect.refPrefix + named } : (plainSchemas[ref.kind] ?? {});
    }
  }
}
