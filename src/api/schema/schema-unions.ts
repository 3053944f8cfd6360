/** The fields of a custom resource's schema that have one of two types, so that Go reads them by code of its own. */

import type { FieldDef, TypeDef, TypeRef } from './schema.ts';

const jsonSchema = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps';
export type SchemaAlternative = 'boolean' | TypeRef;

/** The fields of JSONSchemaProps that hold either a schema or a boolean, or either a schema or a list of this type. */
const schemaUnions: ReadonlyMap<string, SchemaAlternative> = new Map<string, SchemaAlternative>([
  ['items', { kind: 'object', name: jsonSchema }],
  ['additionalItems', 'boolean'],
  ['additionalProperties', 'boolean'],
  ['dependencies', { kind: 'string' }],
]);

/** What `field` may hold instead of a schema. Undefined for all other fields. */
export function schemaAlternative(owner: TypeDef, field: FieldDef): SchemaAlternative | undefined {
  return owner.name === jsonSchema ? schemaUnions.get(field.name) : undefined;
}
