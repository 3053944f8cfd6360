/**
 * Finds null, bytes, times and unsigned numbers in the result of an expression: upstream merges them as Go values
 * instead of JSON, so they fit no field and are refused with the type that the field expects.
 */

import { jsonOf } from '#api/cel/library/patches/json-value.ts';
import { PatchObject } from '#api/cel/library/patches/patch-object.ts';
import { MadeList } from '#api/cel/values/list.ts';
import { MadeMap } from '#api/cel/values/map.ts';
import { Duration, Timestamp } from '#api/cel/values/time.ts';
import { isBytes, Uint, type Value } from '#api/cel/values/value.ts';
import type { FieldSchema } from '#api/fields/field-schema.ts';
import { listElement, UnnamedItem } from '#api/fields/list-element.ts';
import { elementText } from '#api/fields/path-element.ts';

/** As Go prints a value: `%v`, `%#v`, `%T`. */
interface GoForms {
  readonly text: string;
  readonly syntax: string;
  readonly type: string;
}

/** Upstream's messages, each with its path. */
export function unsuitedValues(schema: FieldSchema, value: Value, path = ''): string[] {
  const forms = goForms(value);
  if (forms !== undefined) {
    const problem = problemOf(schema, forms);
    return problem === undefined ? [] : [`${path}: ${problem}`];
  }
  if (value instanceof PatchObject) return unsuitedFields(schema, value.fields, path);
  if (value instanceof MadeMap) {
    return unsuitedFields(
      schema,
      value.keys().map((key): [string, Value] => [String(key), value.find(key) ?? null]),
      path,
    );
  }
  const { list } = schema;
  if (!(value instanceof MadeList) || !list) return [];
  return value.elements.flatMap((each, i) =>
    unsuitedValues(list.element, each, path + itemText(list, each, i)),
  );
}

function unsuitedFields(
  schema: FieldSchema,
  fields: Iterable<readonly [string, Value]>,
  path: string,
): string[] {
  return Array.from(fields).flatMap(([name, value]) => {
    const below = schema.map?.field(name) ?? schema.map?.element;
    return below ? unsuitedValues(below, value, `${path}.${name}`) : [];
  });
}

function itemText(list: NonNullable<FieldSchema['list']>, item: Value, index: number): string {
  if (list.isAtomic) return `[${index}]`;
  try {
    return elementText(listElement(list, jsonOf(item)));
  } catch (error) {
    if (error instanceof UnnamedItem) return `[${index}]`;
    throw error;
  }
}

function problemOf({ scalar, list, map }: FieldSchema, { text, syntax, type }: GoForms): string | undefined {
  switch (scalar) {
    case 'string':
      return `expected string, got &value.valueUnstructured{Value:${syntax}}`;
    case 'number':
      return `expected numeric (int or float), got ${type}`;
    case 'boolean':
      return `expected boolean, got &{${text}}`;
    case 'untyped':
      return undefined;
    default:
      return map || list ? `expected ${map ? 'map' : 'list'}, got &{${text}}` : undefined;
  }
}

function goForms(value: Value): GoForms | undefined {
  if (value === null) return { text: 'NULL_VALUE', syntax: '0', type: 'structpb.NullValue' };
  if (isBytes(value)) {
    const bytes = Array.from(value, (byte) => `0x${byte.toString(16)}`);
    return { text: `[${value.join(' ')}]`, syntax: `[]uint8{${bytes.join(', ')}}`, type: '[]uint8' };
  }
  if (value instanceof Uint) {
    return { text: `${value.value}`, syntax: `0x${value.value.toString(16)}`, type: 'uint64' };
  }
  if (value instanceof Duration) {
    return { text: value.toString(), syntax: `${value.nanoseconds}`, type: 'time.Duration' };
  }
  if (value instanceof Timestamp) return { ...timestampForms(value), type: 'time.Time' };
  return undefined;
}

const months = 'January February March April May June July August September October November December'.split(
  ' ',
);

function timestampForms(timestamp: Timestamp): Pick<GoForms, 'text' | 'syntax'> {
  const date = new Date(Number(timestamp.seconds) * 1000);
  const parts = [
    date.getUTCFullYear(),
    `time.${months[date.getUTCMonth()]}`,
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds(),
    timestamp.fraction,
    'time.UTC',
  ];
  return { text: timestamp.utcText(), syntax: `time.Date(${parts.join(', ')})` };
}
