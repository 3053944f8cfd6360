/** Facts about types for strategic merge, from the schema. */

import type { MergeFacts, MergeField } from '#wire/patch/merge-facts.ts';
import type { FieldDef, Schema, TypeRef } from './schema.ts';

const unknownField: MergeField = {};

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
      if (typeName === undefined) return unknownField;
      const field = schema.type(typeName).fields.get(name);
      if (field === undefined) return unknownField;
      let facts = known.get(field);
      if (facts === undefined) {
        facts = factsOf(field);
        known.set(field, facts);
      }
      return facts;
    },
  };
}

function factsOf(field: FieldDef): MergeField {
  const type = innerType(field.type);
  return {
    ...(type === undefined ? {} : { type }),
    ...(field.patchStrategy === undefined ? {} : { patchStrategy: field.patchStrategy }),
    ...(field.patchMergeKey === undefined ? {} : { patchMergeKey: field.patchMergeKey }),
  };
}

function innerType(ref: TypeRef): string | undefined {
  if (ref.kind === 'object') return ref.name;
  if (ref.kind !== 'list') return undefined;
  return ref.of.kind === 'object' ? ref.of.name : undefined;
}
