/**
 * The unions in the schemas of CustomResourceDefinitions. JSON has a schema or another value in the same
 * place, protobuf a message with a field for each (upstream: JSONSchemaPropsOrBool, JSONSchemaPropsOrArray,
 * JSONSchemaPropsOrStringArray).
 */

import type { FieldDef, ScalarKind, TypeRef } from '../schema/schema.ts';

/** A type of the schema, or one that only protobuf has. */
export type PlanRef =
  | { readonly kind: ScalarKind }
  | { readonly kind: 'object'; readonly name: string }
  | { readonly kind: 'list'; readonly of: PlanRef }
  | { readonly kind: 'map'; readonly of: PlanRef }
  | { readonly kind: 'union'; readonly union: Union };

export interface Union {
  /** The numbers of the two fields. */
  readonly schema: number;
  readonly other: number;
  readonly schemaType: TypeRef;
  readonly otherType: TypeRef;
  /** What the other field says beside a schema. */
  readonly besideSchema?: unknown;
  /** The value in JSON when both are missing. */
  readonly empty: unknown;
}

const schemaName = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps';
const schemaType: TypeRef = { kind: 'object', name: schemaName };
const orBool: Union = {
  schema: 2,
  other: 1,
  schemaType,
  otherType: { kind: 'boolean' },
  besideSchema: true,
  empty: false,
};
const orArray: Union = {
  schema: 1,
  other: 2,
  schemaType,
  otherType: { kind: 'list', of: schemaType },
  empty: null,
};
const orStrings: Union = { ...orArray, otherType: { kind: 'list', of: { kind: 'string' } } };

const unions: ReadonlyMap<string, Union> = new Map([
  ['items', orArray],
  ['additionalItems', orBool],
  ['additionalProperties', orBool],
  ['dependencies', orStrings],
]);

/** The field's type in protobuf: for most the one of the schema. */
export function planType(typeName: string, { name, type }: FieldDef): PlanRef {
  const union = typeName === schemaName ? unions.get(name) : undefined;
  if (!union) return type;
  const ref: PlanRef = { kind: 'union', union };
  return type.kind === 'map' ? { kind: 'map', of: ref } : ref;
}
