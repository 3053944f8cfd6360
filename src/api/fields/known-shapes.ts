/**
 * The field sets of objects that look alike, such as the pods of one ReplicaSet: computed once and shared. Two
 * values have one shape when they have the same fields and the same list elements, and are zero in the same
 * places, whatever their other values.
 */

import { hasMoreValues } from '#wire/json/value.ts';
import { childSchema } from './added-fields.ts';
import type { FieldSchema, ListSchema, MapSchema } from './field-schema.ts';
import type { FieldSet } from './field-set.ts';

type Fields = Readonly<Record<string, unknown>>;

type Shape =
  | { readonly form: 'leaf'; readonly zero: Zero }
  | { readonly form: 'map'; readonly keys: readonly string[]; readonly below: readonly Shape[] }
  | {
      readonly form: 'list';
      /** Names of the fields by which items differ; empty for a set. */
      readonly names: readonly string[];
      /** For each item the values of these fields, or the item itself in a set. */
      readonly values: readonly (readonly unknown[])[];
      readonly below: readonly Shape[];
    };

const shapesMax = 8;
/** An object of more values is expensive to remember, and rarely written again. */
const shapeValuesMax = 2000;

export class KnownShapes {
  /** The shape that was found last comes first. */
  readonly #known: { readonly shape: Shape; readonly set: FieldSet }[] = [];

  find(value: unknown): FieldSet | undefined {
    const known = this.#known;
    for (let i = 0; i < known.length; i++) {
      const found = known[i]!;
      if (!isOf(found.shape, value)) continue;
      if (i > 0) known.unshift(...known.splice(i, 1));
      return found.set;
    }
    return undefined;
  }

  /** Returns the set; a remembered one in a form that is encoded quickly. */
  add(schema: FieldSchema, value: unknown, set: FieldSet): FieldSet {
    if (hasMoreValues(value, shapeValuesMax)) return set;
    // Parsed, as the store's objects are: an object that was built key by key is slow to encode.
    const plain = JSON.parse(JSON.stringify(set)) as FieldSet;
    this.#known.unshift({ shape: shapeOf(schema, value), set: plain });
    if (this.#known.length > shapesMax) this.#known.pop();
    return plain;
  }
}

function shapeOf({ list, map }: FieldSchema, value: unknown): Shape {
  if (Array.isArray(value)) {
    if (list && !list.isAtomic && value.length > 0) return shapeOfList(list, value);
  } else if (typeof value === 'object' && value !== null && map && !map.isAtomic && !zeroOf(value)) {
    return shapeOfMap(map, value as Fields);
  }
  return { form: 'leaf', zero: zeroOf(value) };
}

function shapeOfMap(map: MapSchema, value: Fields): Shape {
  const keys = Object.keys(value).filter((key) => value[key] !== undefined);
  return { form: 'map', keys, below: keys.map((key) => shapeOf(childSchema(map, key), value[key])) };
}

function shapeOfList({ element, keys }: ListSchema, items: readonly unknown[]): Shape {
  const names = keys.map(({ name }) => name);
  return {
    form: 'list',
    names,
    values: items.map((item) => (names.length === 0 ? [item] : names.map((name) => (item as Fields)[name]))),
    below: items.map((item) => shapeOf(element, item)),
  };
}

function isOf(shape: Shape, value: unknown): boolean {
  if (shape.form === 'leaf') return zeroOf(value) === shape.zero;
  if (typeof value !== 'object' || value === null) return false;
  if (shape.form === 'list') return Array.isArray(value) && isOfList(shape, value);
  return !Array.isArray(value) && isOfMap(shape, value as Fields);
}

function isOfMap({ keys, below }: Extract<Shape, { form: 'map' }>, value: Fields): boolean {
  let i = 0;
  for (const key in value) {
    const item = value[key];
    if (item === undefined) continue;
    if (key !== keys[i] || !isOf(below[i]!, item)) return false;
    i++;
  }
  return i === keys.length;
}

function isOfList(shape: Extract<Shape, { form: 'list' }>, items: readonly unknown[]): boolean {
  const { names, values, below } = shape;
  if (items.length !== values.length) return false;
  for (let i = 0; i < items.length; i++) {
    const item = items[i];
    const wanted = values[i]!;
    if (names.length === 0 && item !== wanted[0]) return false;
    for (let k = 0; k < names.length; k++) if ((item as Fields)[names[k]!] !== wanted[k]) return false;
    if (!isOf(below[i]!, item)) return false;
  }
  return true;
}

/** Of which kind a zero value is: the creator of an object owns an empty list otherwise than null. */
type Zero = false | 'scalar' | 'null' | 'list' | 'map';

function zeroOf(value: unknown): Zero {
  if (typeof value !== 'object') return value ? false : 'scalar';
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 && 'list';
  for (const _ in value) return false;
  return 'map';
}
