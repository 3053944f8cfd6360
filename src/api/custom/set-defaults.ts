/** Sets the defaults of a structural schema, and drops nulls of fields that are not nullable. */

import { copyJson } from '#base/copy-json.ts';
import { type JsonObject, setKey } from '#wire/json/value.ts';
import { bodyBytesMax, containersMax, keysMax, valuesMax } from '#wire/json/values-limit.ts';
import { isTree, type StructuralSchema } from './structural-schema.ts';

/**
 * Changes `value` in place. Returns false, and sets no more defaults, when it would have more with them than the body of a
 * request may have: a small object can be given very many, and what is shown is to be put back.
 */
export function setDefaults(value: unknown, schema: StructuralSchema | undefined): boolean {
  const room = new Room(value);
  new Defaults(room).set(value, schema);
  return !room.isFull;
}

/** Of a body, less what the server adds to an object: its version, the fields' owners. */
const bytesMax = bodyBytesMax - 64 * 1024;
/** Two brackets and a comma. */
const perContainerBytes = 3;

function jsonBytes(text: string): number {
  return Buffer.byteLength(JSON.stringify(text));
}

export const tooManyDefaults = `more than ${keysMax} different keys, ${valuesMax} values, ${containersMax} objects and lists or ${bytesMax} bytes with its defaults`;

/** What is left of the bounds. */
class Room {
  readonly #object: unknown;
  /** The keys of the object itself are among them; they are counted only when a default is to be set. */
  #keys: Set<string> | undefined;
  #values = valuesMax;
  #containers = containersMax;
  #bytes = bytesMax;

  constructor(object: unknown) {
    this.#object = object;
  }

  get isFull(): boolean {
    return Math.min(this.#values, this.#containers, this.#bytes) < 0 || (this.#keys?.size ?? 0) > keysMax;
  }

  take(name: string, value: unknown): void {
    if (!this.#keys) {
      this.#keys = new Set();
      this.#take(this.#keys, this.#object);
    }
    this.#takeKey(this.#keys, name);
    this.#take(this.#keys, value);
  }

  #takeKey(keys: Set<string>, name: string): void {
    keys.add(name);
    this.#bytes -= jsonBytes(name) + 1;
  }

  #take(keys: Set<string>, value: unknown): void {
    this.#values--;
    if (typeof value !== 'object' || value === null) {
      this.#bytes -= 1 + (typeof value === 'string' ? jsonBytes(value) : String(value).length);
      return;
    }
    this.#containers--;
    this.#bytes -= perContainerBytes;
    for (const [key, inner] of Object.entries(value)) {
      if (!Array.isArray(value)) this.#takeKey(keys, key);
      this.#take(keys, inner);
    }
  }
}

class Defaults {
  readonly #room: Room;

  constructor(room: Room) {
    this.#room = room;
  }

  set(value: unknown, schema: StructuralSchema | undefined): void {
    if (!schema?.below.hasDefaults || this.#room.isFull) return;
    if (Array.isArray(value)) {
      const { items } = schema;
      if (!items) return;
      value.forEach((item, i) => {
        if (isRefusedNull(item, items)) value[i] = this.#copy('', items.default);
        this.set(value[i], items);
      });
    } else if (typeof value === 'object' && value !== null) this.#setFields(value as JsonObject, schema);
  }

  #setFields(object: JsonObject, schema: StructuralSchema): void {
    for (const [name, property] of schema.defaulted) {
      if (Object.hasOwn(object, name) && !isRefusedNull(object[name], property)) continue;
      const value = this.#copy(name, property.default);
      if (this.#room.isFull) return;
      setKey(object, name, value);
    }
    for (const name in object) {
      const property = schema.properties.get(name);
      if (property) this.set(object[name], property);
      else if (isTree(schema.additional)) {
        if (isRefusedNull(object[name], schema.additional)) {
          object[name] = this.#copy('', schema.additional.default);
        }
        this.set(object[name], schema.additional);
      }
    }
  }

  /** Null when there is no room. */
  #copy(name: string, value: unknown): unknown {
    this.#room.take(name, value);
    return this.#room.isFull ? null : (copyJson(value) ?? null);
  }
}

/** Drops nulls that the schema does not allow and no default replaces: such a field counts as absent. */
export function dropRefusedNulls(value: unknown, schema: StructuralSchema | undefined): void {
  if (!schema || typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) dropRefusedNulls(item, schema.items);
    return;
  }
  const object = value as JsonObject;
  for (const name in object) {
    const additional = isTree(schema.additional) ? schema.additional : undefined;
    const property = schema.properties.get(name) ?? additional;
    if (!property) continue;
    if (isRefusedNull(object[name], property) && property.default === undefined) delete object[name];
    else dropRefusedNulls(object[name], property);
  }
}

function isRefusedNull(value: unknown, schema: StructuralSchema): boolean {
  return value === null && !schema.isNullable;
}
