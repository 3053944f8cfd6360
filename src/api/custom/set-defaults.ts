/** Sets the defaults of a structural schema, and drops nulls of fields that are not nullable. */

import { type JsonObject, setKey } from '#wire/json/value.ts';
import { LimitExceeded, tooManyValues, valuesMax } from '#wire/json/values-limit.ts';
import { isTree, type StructuralSchema } from './structural-schema.ts';

/**
 * Changes `value` in place. A small object can have very many defaults: with `valuesLeft`, more values than
 * these throw `LimitExceeded`.
 */
export function setDefaults(
  value: unknown,
  schema: StructuralSchema | undefined,
  valuesLeft = Infinity,
): void {
  new Defaults(valuesLeft).set(value, schema);
}

/** As many values as the body of a request may have. */
export const defaultsMax = valuesMax;

class Defaults {
  #valuesLeft: number;

  constructor(valuesLeft: number) {
    this.#valuesLeft = valuesLeft;
  }

  set(value: unknown, schema: StructuralSchema | undefined): void {
    if (!schema?.below.hasDefaults) return;
    if (Array.isArray(value)) {
      const { items } = schema;
      if (!items) return;
      value.forEach((item, i) => {
        if (isRefusedNull(item, items)) value[i] = this.#copy(items.default);
        this.set(value[i], items);
      });
    } else if (typeof value === 'object' && value !== null) this.#setFields(value as JsonObject, schema);
  }

  #setFields(object: JsonObject, schema: StructuralSchema): void {
    for (const [name, property] of schema.defaulted) {
      if (!Object.hasOwn(object, name) || isRefusedNull(object[name], property)) {
        setKey(object, name, this.#copy(property.default));
      }
    }
    for (const name in object) {
      const property = schema.properties.get(name);
      if (property) this.set(object[name], property);
      else if (isTree(schema.additional)) {
        if (isRefusedNull(object[name], schema.additional)) {
          object[name] = this.#copy(schema.additional.default);
        }
        this.set(object[name], schema.additional);
      }
    }
  }

  #copy(value: unknown): unknown {
    this.#valuesLeft -= valuesIn(value);
    if (this.#valuesLeft < 0) throw new LimitExceeded(tooManyValues);
    return typeof value === 'object' ? structuredClone(value) : (value ?? null);
  }
}

function valuesIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce((sum: number, inner) => sum + valuesIn(inner), 1);
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
