/** The types of the compact schema as field schemas, with the list and map types of upstream's published schema. */

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
  duration: 'string',
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

  /** `mapType`: a field may be atomic although other fields of the same type are not, or the other way round. */
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

  #field(field: FieldDef, typeName: string): FieldSchema {
    const { type } = field;
    if (type.kind === 'object') return this.struct(type.name, field.mapType);
    if (type.kind === 'map') return mapSchema(this.#ref(type.of, typeName), field.mapType === 'atomic');
    if (type.kind === 'list') return this.#list(field, type.of, typeName);
    return this.#ref(type, typeName);
  }

  #ref(ref: TypeRef, typeName: string): FieldSchema {
    if (ref.kind === 'object') return this.struct(ref.name, undefined);
    if (ref.kind === 'list') return listSchema(this.#ref(ref.of, typeName));
    if (ref.kind === 'map') return mapSchema(this.#ref(ref.of, typeName));
    if (ref.kind === 'any') return anyOf(typeName);
    return ofScalars.get(ref.kind)!;
  }

  #list(field: FieldDef, elementType: TypeRef, typeName: string): FieldSchema {
    const element = this.#ref(elementType, typeName);
    const { listType, listMapKeys, patchMergeKey } = field;
    if (listType === 'map') return listSchema(element, this.#keys(elementType, listMapKeys ?? []));
    if (listType) return listSchema(element, listType);
    if (!field.patchStrategy?.includes('merge')) return listSchema(element);
    return listSchema(element, patchMergeKey ? this.#keys(elementType, [patchMergeKey]) : 'set');
  }

  /** A required key without a default has the zero value in items without it. */
  #keys(elementType: TypeRef, names: readonly string[]): ListKey[] {
    const fields =
      elementType.kind === 'object'
        ? this.#schema.type(elementType.name).fields
        : new Map<string, FieldDef>();
    return names.map((name) => {
      const field = fields.get(name);
      const zero = field?.required ? zeroOf(field.type) : undefined;
      return { name, default: (field?.default ?? zero) as ListKey['default'] };
    });
  }
}

/** JSON in a CustomResourceDefinition's schema is owned key by key, a RawExtension as a whole. */
function anyOf(typeName: string): FieldSchema {
  return typeName.startsWith('io.k8s.apiextensions-apiserver.') ? untypedDeduced : untypedAtomic;
}
