/** What is wrong with a configuration by its type: errors with the path, in upstream's words. */

import { isJsonObject } from '#wire/json/value.ts';
import type { FieldSchema, ListSchema, MapSchema, ScalarType } from './field-schema.ts';
import { goShape, goText, goTypeName } from './go-shapes.ts';
import { listElement, UnnamedItem } from './list-element.ts';
import { elementText, fieldElement } from './path-element.ts';

/** In the form in which several errors are one message; undefined when the value is of the type. */
export function validate(schema: FieldSchema, value: unknown): string | undefined {
  const errors: string[] = [];
  checkValue(schema, value, '', errors);
  return joined(errors);
}

export function joined(errors: readonly string[]): string | undefined {
  if (errors.length < 2) return errors[0];
  return ['errors:', ...errors.map((error) => `  ${error}`)].join('\n');
}

function checkValue(
  { scalar, list, map }: FieldSchema,
  value: unknown,
  path: string,
  errors: string[],
): void {
  if (value === null) return;
  const say = (what: string) => errors.push(path === '' ? what : `${path}: ${what}`);
  const isList = Array.isArray(value);
  const isMap = !isList && typeof value === 'object';
  if (map && (isMap || (isList ? !list : !scalar))) {
    if (isMap) checkMap(map, value as Readonly<Record<string, unknown>>, path, errors);
    else say(`expected map, got ${goText(value)}`);
  } else if (scalar && !(isList && list)) {
    const problem = scalarProblem(scalar, value);
    if (problem) say(problem);
  } else if (list) {
    if (isList) checkList(list, value, path, errors);
    else say(`expected list, got ${goText(value)}`);
  }
}

function checkMap(
  map: MapSchema,
  value: Readonly<Record<string, unknown>>,
  path: string,
  errors: string[],
): void {
  for (const key of Object.keys(value)) {
    const below = `${path}${elementText(fieldElement(key))}`;
    const schema = map.field(key) ?? map.element;
    if (!schema) {
      errors.push(`${below}: field not declared in schema`);
      return;
    }
    checkValue(schema, value[key], below, errors);
  }
}

function checkList(list: ListSchema, items: readonly unknown[], path: string, errors: string[]): void {
  const say = (what: string) => errors.push(path === '' ? what : `${path}: ${what}`);
  const seen = new Set<string>();
  for (const [i, item] of items.entries()) {
    let element = `i:${i}`;
    if (!list.isAtomic) {
      try {
        element = listElement(list, item);
      } catch (error) {
        if (!(error instanceof UnnamedItem)) throw error;
        say(`element ${i}: ${error.message}`);
        return;
      }
      if (seen.has(element)) say(`duplicate entries for key ${elementText(element)}`);
      seen.add(element);
    }
    checkValue(list.element, item, `${path}${elementText(element)}`, errors);
  }
}

function scalarProblem(scalar: ScalarType, value: unknown): string | undefined {
  if (typeof value === scalar) return undefined;
  if (scalar === 'number') return `expected numeric (int or float), got ${goTypeName(value)}`;
  if (scalar === 'string') return `expected string, got ${goShape(value)}`;
  if (scalar === 'boolean') return `expected boolean, got ${goText(value)}`;
  if (Array.isArray(value) || isJsonObject(value)) return `expected any scalar, got ${goText(value)}`;
  return undefined;
}
