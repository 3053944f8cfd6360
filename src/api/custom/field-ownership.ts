/** A structural schema as a field schema: which parts of a custom object are owned field by field. */

import {
  type FieldSchema,
  listSchema,
  mapSchema,
  scalarSchema,
  structSchema,
  untypedAtomic,
  untypedDeduced,
} from '../fields/field-schema.ts';
import { fieldSchemaOf } from '../fields/of-compact-schema.ts';
import { loadSchema } from '../schema/load-schema.ts';
import { isTree, type StructuralSchema } from './structural-schema.ts';

export function fieldSchemaOfStructure(root: StructuralSchema): FieldSchema {
  return ofObject(root, true);
}

const text = scalarSchema('string');
const scalars: Readonly<Record<string, FieldSchema>> = {
  string: text,
  integer: scalarSchema('number'),
  number: scalarSchema('number'),
  boolean: scalarSchema('boolean'),
};

function typeField(name: string): FieldSchema | undefined {
  if (name === 'apiVersion' || name === 'kind') return text;
  if (name !== 'metadata') return undefined;
  return fieldSchemaOf(loadSchema(), 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta');
}

function ofSchema(schema: StructuralSchema): FieldSchema {
  if (schema.isIntOrString) return scalarSchema('untyped');
  if (schema.type === 'object') return ofObject(schema, schema.isEmbeddedResource);
  if (schema.type === 'array') return ofList(schema);
  const scalar = Object.hasOwn(scalars, schema.type) ? scalars[schema.type] : undefined;
  return scalar ?? (schema.preservesUnknown ? untypedDeduced : untypedAtomic);
}

function ofObject(schema: StructuralSchema, isResource: boolean): FieldSchema {
  const { properties, additional, preservesUnknown, mapType } = schema;
  const isAtomic = mapType === 'atomic';
  if (properties.size === 0 && !isResource) {
    if (isTree(additional)) return mapSchema(ofSchema(additional), isAtomic);
    if (preservesUnknown && !isAtomic) return untypedDeduced;
    if (additional === 'any') return mapSchema(untypedDeduced, isAtomic);
  }
  const known = (name: string) => {
    const property = properties.get(name);
    return (isResource ? typeField(name) : undefined) ?? (property && ofSchema(property));
  };
  const struct = structSchema(known, isAtomic);
  if (!preservesUnknown) return struct;
  return { ...struct, map: { ...struct.map!, element: untypedDeduced } };
}

function ofList({ items, listType, listMapKeys }: StructuralSchema): FieldSchema {
  const element = items ? ofSchema(items) : untypedAtomic;
  if (listType !== 'map') return listSchema(element, listType === 'set' ? 'set' : 'atomic');
  const keys = listMapKeys.map((name) => {
    const value = items?.properties.get(name)?.default;
    return { name, default: value as string | number | boolean | undefined };
  });
  return listSchema(element, keys);
}
