/**
 * What field management needs of a type: which parts of a value are owned field by field, and which as a whole.
 * Built-in kinds and custom resources each have an adapter that describes their types in these terms.
 */

export type ScalarType = 'string' | 'number' | 'boolean' | 'untyped';

/**
 * The forms that a value of the type may have. Most types have one; where the value decides (int-or-string,
 * any JSON), a type has several.
 */
export interface FieldSchema {
  readonly scalar: ScalarType | undefined;
  readonly list: ListSchema | undefined;
  readonly map: MapSchema | undefined;
}

export interface ListSchema {
  /** Owned as a whole. All others are sets (without keys) or maps by their keys. */
  readonly isAtomic: boolean;
  /** Fields that identify an element, in the order of the schema. */
  readonly keys: readonly ListKey[];
  /** The same keys by name, as they stand in a path. */
  readonly sortedKeys: readonly ListKey[];
  readonly element: FieldSchema;
}

export interface ListKey {
  readonly name: string;
  /** Stands for the key in elements without it; undefined when there is none. */
  readonly default: string | number | boolean | undefined;
}

/** A struct or a map. */
export interface MapSchema {
  /** Owned as a whole. */
  readonly isAtomic: boolean;
  /** Of a field that the type declares. */
  field(name: string): FieldSchema | undefined;
  /** Of all other keys; undefined when there may be none. */
  readonly element: FieldSchema | undefined;
  /** Structs that Go holds by value: an object without them has them empty. */
  readonly alwaysThere: readonly string[];
  /** Declares no field and takes every JSON value. */
  readonly isOpen: boolean;
}

export function scalarSchema(scalar: ScalarType): FieldSchema {
  return { scalar, list: undefined, map: undefined };
}

export function listSchema(
  element: FieldSchema,
  keys: readonly ListKey[] | 'atomic' | 'set' = 'atomic',
): FieldSchema {
  const named = typeof keys === 'string' ? [] : keys;
  const sortedKeys = named.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const list = { isAtomic: keys === 'atomic', keys: named, sortedKeys, element };
  return { scalar: undefined, list, map: undefined };
}

/** `fields` is called when a field is first used, so that a type may contain itself. */
export function structSchema(
  fields: (name: string) => FieldSchema | undefined,
  isAtomic = false,
  alwaysThere: readonly string[] = [],
): FieldSchema {
  const known = new Map<string, FieldSchema | undefined>();
  const field = (name: string) => {
    const found = known.get(name);
    if (found !== undefined || known.has(name)) return found;
    const made = fields(name);
    // Names come from requests: only those of the type are kept.
    if (made) known.set(name, made);
    return made;
  };
  return mapForm({ isAtomic, field, element: undefined, alwaysThere, isOpen: false });
}

export function mapSchema(element: FieldSchema, isAtomic = false): FieldSchema {
  return mapForm({ isAtomic, field: noField, element, alwaysThere: [], isOpen: false });
}

function mapForm(map: MapSchema): FieldSchema {
  return { scalar: undefined, list: undefined, map };
}

const noField = () => undefined;

/** Any JSON value, owned as a whole. */
export const untypedAtomic: FieldSchema = selfContained(true);

/** Any JSON value, of which maps are owned key by key. */
export const untypedDeduced: FieldSchema = selfContained(false);

function selfContained(isAtomic: boolean): FieldSchema {
  const schema: { -readonly [K in keyof FieldSchema]: FieldSchema[K] } = scalarSchema('untyped');
  schema.list = { isAtomic: true, keys: [], sortedKeys: [], element: isAtomic ? schema : untypedAtomic };
  schema.map = { isAtomic, field: noField, element: schema, alwaysThere: [], isOpen: true };
  return schema;
}
