/** Facts about types for strategic merge, from the schema. */

import type { MergeFacts, MergeField } from '#wire/patch/merge-facts.ts';
import { noSuchField, notAStruct } from '#wire/patch/strategic-errors.ts';
import type { FieldDef, Schema, TypeRef } from './schema.ts';

const factsBySchema = new WeakMap<Schema, MergeFacts>();

export function mergeFacts(schema: Schema): MergeFacts {
  let facts = factsBySchema.get(schema);
  if (!facts) {
    facts = newFacts(schema);
    factsBySchema.set(schema, facts);
  }
  return facts;
}

function newFacts(schema: Schema): MergeFacts {
  const known = new Map<FieldDef, MergeField>();
  return {
    field(typeName, name) {
      if (goKinds.has(typeName)) throw notAStruct(typeName);
      const field = schema.hasType(typeName) ? schema.type(typeName).fields.get(name) : undefined;
      if (field === undefined) throw noSuchField(typeName, name);
      let facts = known.get(field);
      if (facts === undefined) {
        facts = factsOf(field, typeName);
        known.set(field, facts);
      }
      return facts;
    },
  };
}

function factsOf(field: FieldDef, owner: string): MergeField {
  return {
    type: innerType(field.type, field, owner),
    ...(field.patchStrategy === undefined ? {} : { patchStrategy: field.patchStrategy }),
    ...(field.patchMergeKey === undefined ? {} : { patchMergeKey: field.patchMergeKey }),
  };
}

/** What Go calls the types that have no fields. */
const goKinds: ReadonlySet<string> = new Set(['map', 'value']);

function innerType(ref: TypeRef, field: FieldDef, owner: string): string {
  switch (ref.kind) {
    case 'object':
      return ref.name;
    case 'list':
      return innerType(ref.of, field, owner);
    case 'map':
      return 'map';
    case 'any':
      return ownStructs[`${owner.split('.').at(-1)}.${field.name}`] ?? 'RawExtension';
    default:
      return 'value';
  }
}

/** Structs without fields that have names in JSON. */
const ownStructs: Readonly<Record<string, string>> = {
  'ManagedFieldsEntry.fieldsV1': 'FieldsV1',
  'JSONSchemaProps.additionalItems': 'JSONSchemaPropsOrBool',
  'JSONSchemaProps.additionalProperties': 'JSONSchemaPropsOrBool',
  'JSONSchemaProps.default': 'JSON',
  'JSONSchemaProps.enum': 'JSON',
  'JSONSchemaProps.example': 'JSON',
  'JSONSchemaProps.items': 'JSONSchemaPropsOrArray',
};
