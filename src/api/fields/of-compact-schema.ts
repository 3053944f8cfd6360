/** The types of the compact schema in the terms of field ownership, as upstream's published schema has them. */

import type { FieldDef, ScalarKind, Schema, TypeRef } from '../schema/schema.ts';
import { zeroOf } from '../schema/zero-value.ts';
import {
  type FieldSchema,
  type ListKey,
  listSchema,
  mapSchema,
  type ScalarType,
  scalarSchema,
  structSchema,
  untypedAtomic,
  untypedDeduced,
} from './field-schema.ts';

const known = new WeakMap<Schema, Map<string, FieldSchema>>();

export function fieldSchemaOf(schema: Schema, typeName: string): FieldSchema {
  let types = known.get(schema);
  if (!types) {
    types = new Map();
    known.set(schema, types);
  }
  return new Adapter(schema, types).struct(typeName, undefined);
}

const scalars: Readonly<Record<Exclude<ScalarKind, 'any'>, ScalarType>> = {
  string: 'string',
  bytes: 'string',
  int32: 'number',
  int64: 'number',
  double: 'number',
  boolean: 'boolean',
  time: 'untyped',
  microTime: 'untyped',
  quantity: 'untyped',
  intOrString: 'untyped',
};

const ofScalars = new Map(Object.entries(scalars).map(([kind, scalar]) => [kind, scalarSchema(scalar)]));

class Adapter {
  readonly #schema: Schema;
  readonly #types: Map<string, FieldSchema>;

  constructor(schema: Schema, types: Map<string, FieldSchema>) {
    this.#schema = schema;
    this.#types = types;
  }

  /** A field may hold as a whole what other fields of the type do not, or the other way round. */
  struct(name: string, mapType: FieldDef['mapType']): FieldSchema {
    const key = mapType ? `${name} ${mapType}` : name;
    const found = this.#types.get(key);
    if (found) return found;
    const type = this.#schema.type(name);
    const fields = (field: string) => {
      const def = type.fields.get(field);
      return def && this.#field(def, name);
    };
    const alwaysThere = Array.from(type.fields.values()).flatMap(({ name, byValue }) =>
      byValue ? [name] : [],
    );
    const made = structSchema(fields, (mapType ?? type.mapType) === 'atomic', alwaysThere);
    this.#types.set(key, made);
    return made;
  }

  #field(field: FieldDef, owner: string): FieldSchema {
    const { type } = field;
    if (type.kind === 'object') return this.struct(type.name, field.mapType);
    if (type.kind === 'map') return mapSchema(this.#ref(type.of, owner), field.mapType === 'atomic');
    if (type.kind === 'list') return this.#list(field, type.of, owner);
    return this.#ref(type, owner);
  }

  #ref(ref: TypeRef, owner: string): FieldSchema {
    if (ref.kind === 'object') return this.struct(ref.name, undefined);
    if (ref.kind === 'list') return listSchema(this.#ref(ref.of, owner));
    if (ref.kind === 'map') return mapSchema(this.#ref(ref.of, owner));
    if (ref.kind === 'any') return anyOf(owner);
    return ofScalars.get(ref.kind)!;
  }

  #list(field: FieldDef, of: TypeRef, owner: string): FieldSchema {
    const element = this.#ref(of, owner);
    const { listType, listMapKeys, patchMergeKey } = field;
    if (listType === 'map') return listSchema(element, this.#keys(of, listMapKeys ?? []));
    if (listType) return listSchema(element, listType);
    if (!field.patchStrategy?.includes('merge')) return listSchema(element);
    return listSchema(element, patchMergeKey ? this.#keys(of, [patchMergeKey]) : 'set');
  }

  /** What is always there is zero where it is not given. */
  #keys(of: TypeRef, names: readonly string[]): ListKey[] {
    const fields = of.kind === 'object' ? this.#schema.type(of.name).fields : new Map<string, FieldDef>();
    return names.map((name) => {
      const field = fields.get(name);
      const zero = field?.required ? zeroOf(field.type) : undefined;
      return { name, default: (field?.default ?? zero) as ListKey['default'] };
    });
  }
}

/** JSON within a schema is owned key by key, an object of another kind as a whole. */
function anyOf(owner: string): FieldSchema {
  return owner.startsWith('io.k8s.apiextensions-apiserver.') ? untypedDeduced : untypedAtomic;
}
