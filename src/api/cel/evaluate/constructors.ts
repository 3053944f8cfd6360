/** Plans the literals of lists, maps and objects. */

import type { TypeFamily } from '../declarations/environment.ts';
import type { FieldExpr } from '../syntax/ast.ts';
import type { CelType } from '../types/type.ts';
import { MadeList } from '../values/list.ts';
import { MadeMap, TypedObject } from '../values/map.ts';
import { nativeValue } from '../values/native.ts';
import { Optional } from '../values/optional.ts';
import { shownValue } from '../values/shown.ts';
import { ErrorValue, isError, type Value } from '../values/value.ts';
import { viewOf } from '../values/view.ts';
import type { Run } from './frame.ts';

const listCost = 10;
const mapCost = 30;
const objectCost = 40;

export function listRun(elements: readonly Run[], optionals: ReadonlySet<number>): Run {
  return (frame) => {
    const values: Value[] = [];
    for (let index = 0; index < elements.length; index++) {
      let value = elements[index]!(frame);
      if (isError(value)) return charged(frame, listCost, value);
      if (optionals.has(index)) {
        if (!(value instanceof Optional)) {
          const shown = shownValue(value);
          const message = `cannot initialize optional list element from non-optional value ${shown}`;
          return charged(frame, listCost, new ErrorValue(message));
        }
        if (value.value === undefined) continue;
        value = value.value;
      }
      values.push(value);
    }
    return charged(frame, listCost, new MadeList(values));
  };
}

export function mapRun(keys: readonly Run[], values: readonly Run[], optionals: readonly boolean[]): Run {
  return (frame) => {
    const map = new MadeMap();
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index]!(frame);
      if (isError(key)) return charged(frame, mapCost, key);
      const value = values[index]!(frame);
      if (isError(value)) return charged(frame, mapCost, value);
      if (!optionals[index]) {
        map.set(key, value);
      } else if (!(value instanceof Optional)) {
        return charged(frame, mapCost, notOptional(shownValue(key), value));
      } else if (value.value === undefined) {
        map.delete(key);
      } else {
        map.set(key, value.value);
      }
    }
    return charged(frame, mapCost, map);
  };
}

const notOptional = (entry: string, value: Value) =>
  new ErrorValue(`cannot initialize optional entry '${entry}' from non-optional value ${shownValue(value)}`);

/** An object of a type that a schema declares: its fields become plain JSON. */
export function objectRun(type: CelType, fields: readonly FieldExpr[], values: readonly Run[]): Run {
  return (frame) => {
    const raw: Record<string, unknown> = {};
    for (let index = 0; index < fields.length; index++) {
      const { name, isOptional } = fields[index]!;
      const value = values[index]!(frame);
      if (isError(value)) return charged(frame, objectCost, value);
      const jsonName = type.fields?.get(name)?.jsonName ?? name;
      if (isOptional && !(value instanceof Optional)) {
        return charged(frame, objectCost, notOptional(name, value));
      }
      const native = nativeValue(value);
      if (native !== undefined) raw[jsonName] = native;
    }
    return charged(frame, objectCost, new TypedObject(raw, type, viewOf));
  };
}

/** A value of a `TypeFamily`: its fields stay CEL values. */
export function familyRun(
  family: TypeFamily,
  type: CelType,
  fields: readonly FieldExpr[],
  values: readonly Run[],
): Run {
  return (frame) => {
    const made = new Map<string, Value>();
    for (let index = 0; index < fields.length; index++) {
      const { name, isOptional } = fields[index]!;
      const value = values[index]!(frame);
      if (isError(value)) return charged(frame, objectCost, value);
      if (!isOptional) made.set(name, value);
      else if (!(value instanceof Optional)) return charged(frame, objectCost, notOptional(name, value));
      else if (value.value !== undefined) made.set(name, value.value);
    }
    return charged(frame, objectCost, family.make(type, made));
  };
}

function charged(frame: { cost: number }, cost: number, value: Value): Value {
  frame.cost += cost;
  return value;
}
