/** Maps: made by an expression, and views of JSON objects. */

import { type CelField, type CelType, dynType, mapType } from '../types/type.ts';
import { intOf, intOfDouble } from './int.ts';
import {
  Double,
  type ErrorValue,
  isError,
  isInt,
  noSuchOverload,
  ObjectValue,
  Uint,
  type Value,
  type View,
} from './value.ts';

const anyMap = mapType(dynType, dynType);

export abstract class MapValue extends ObjectValue {
  readonly type: CelType = anyMap;
  abstract readonly size: number;
  /** The value at a key; an error for a key of a wrong type; undefined for an absent key. */
  abstract find(key: Value): Value | undefined;
  abstract keys(): Value[];

  /** `key in map`; an error for a key of a wrong type. */
  has(key: Value): boolean | ErrorValue {
    const found = this.find(key);
    return found !== undefined && isError(found) ? found : found !== undefined;
  }
}

export class MadeMap extends MapValue {
  readonly #entries = new Map<string, readonly [key: Value, value: Value]>();

  get size(): number {
    return this.#entries.size;
  }

  set(key: Value, value: Value): void {
    this.#entries.set(keyText(key), [key, value]);
  }

  delete(key: Value): void {
    this.#entries.delete(keyText(key));
  }

  find(key: Value): Value | undefined {
    const exact = this.#entries.get(keyText(key));
    if (exact !== undefined) return exact[1];
    for (const text of otherKeyTexts(key)) {
      const found = this.#entries.get(text);
      if (found !== undefined) return found[1];
    }
    return undefined;
  }

  keys(): Value[] {
    return Array.from(this.#entries.values(), ([key]) => key);
  }

  copy(): MadeMap {
    const copy = new MadeMap();
    for (const [key, value] of this.#entries.values()) copy.set(key, value);
    return copy;
  }
}

/** Keys of different types are different, even where they are equal as numbers. */
function keyText(key: Value): string {
  if (typeof key === 'string') return `s${key}`;
  if (isInt(key)) return `i${key}`;
  if (key instanceof Uint) return `u${key.value}`;
  if (key instanceof Double) return `d${key.value}`;
  return `o${key}`;
}

/** The keys of other numeric types that are equal as numbers: looked up if the key itself is absent. */
function otherKeyTexts(key: Value): string[] {
  if (isInt(key)) return [`u${key}`];
  if (key instanceof Uint) return [`i${key.value}`];
  if (!(key instanceof Double) || !Number.isInteger(key.value)) return [];
  const int = intOfDouble(key.value);
  return isError(int) ? [`u${BigInt(key.value)}`] : [`i${intOf(BigInt(int))}`, `u${int}`];
}

/** A JSON object whose values all have the same view. */
abstract class JsonMap extends MapValue {
  readonly raw: Readonly<Record<string, unknown>>;
  readonly #view: View;

  constructor(raw: Readonly<Record<string, unknown>>, view: View) {
    super();
    this.raw = raw;
    this.#view = view;
  }

  get size(): number {
    return Object.keys(this.raw).length;
  }

  keys(): Value[] {
    return Object.keys(this.raw);
  }

  /** Undefined for an absent key. */
  valueAt(key: string): Value | undefined {
    return Object.hasOwn(this.raw, key) ? this.#view(this.raw[key]) : undefined;
  }
}

/** An object without a schema. */
export class DynMap extends JsonMap {
  find(key: Value): Value | undefined {
    return typeof key === 'string' ? this.valueAt(key) : undefined;
  }
}

/** An object with `additionalProperties`. */
export class TypedMap extends JsonMap {
  find(key: Value): Value | undefined {
    return typeof key === 'string' ? this.valueAt(key) : noSuchOverload;
  }
}

/** Of maps by domain: a domain that is absent has an empty map, and still is not `in` the object. */
export class MapOfMaps extends TypedMap {
  override find(key: Value): Value | undefined {
    return super.find(key) ?? new MadeMap();
  }

  override has(key: Value): boolean | ErrorValue {
    return typeof key === 'string' ? Object.hasOwn(this.raw, key) : noSuchOverload;
  }
}

/** An object with `properties`. A field that is null counts as absent. */
export class TypedObject extends MapValue {
  readonly raw: Readonly<Record<string, unknown>>;
  readonly declared: CelType;
  readonly #viewOf: (type: CelType) => View;

  constructor(raw: Readonly<Record<string, unknown>>, declared: CelType, viewOf: (type: CelType) => View) {
    super();
    this.raw = raw;
    this.declared = declared;
    this.#viewOf = viewOf;
  }

  get size(): number {
    return Object.keys(this.raw).length;
  }

  find(key: Value): Value | undefined {
    if (typeof key !== 'string') return noSuchOverload;
    const field = this.declared.fields?.get(key);
    return field === undefined ? undefined : this.field(field, this.#viewOf(field.type));
  }

  field({ jsonName }: CelField, view: View): Value | undefined {
    if (!Object.hasOwn(this.raw, jsonName)) return undefined;
    const raw = this.raw[jsonName];
    return raw === null || raw === undefined ? undefined : view(raw);
  }

  /** The names of the declared fields that are present. */
  keys(): Value[] {
    const keys: Value[] = [];
    for (const [name, { jsonName }] of this.declared.fields ?? []) {
      if (Object.hasOwn(this.raw, jsonName)) keys.push(name);
    }
    return keys;
  }
}
