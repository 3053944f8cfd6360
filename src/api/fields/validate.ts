/** Validates a configuration against its field schema: errors with the path, in upstream's words. */

import { isJsonObject } from '#wire/json/value.ts';
import type { FieldSchema, ListSchema, MapSchema, ScalarType } from './field-schema.ts';
import { goShape, goText, goTypeName } from './go-shapes.ts';
import { listElement, UnnamedItem } from './list-element.ts';
import { elementText, fieldElement } from './path-element.ts';

/** The path from the root to a value, as a linked list: made text only for errors. */
interface Step {
  readonly element: string;
  readonly up: Step | undefined;
}

/** All errors as one message; undefined when the value is valid. */
export function validate(schema: FieldSchema, value: unknown): string | undefined {
  const errors: string[] = [];
  checkValue(schema, value, undefined, errors);
  return joinedErrors(errors);
}

/** Several errors as one message; undefined when there are none. */
export function joinedErrors(errors: readonly string[]): string | undefined {
  if (errors.length < 2) return errors[0];
  return ['errors:', ...errors.map((error) => `  ${error}`)].join('\n');
}

function complain(errors: string[], at: Step | undefined, what: string): void {
  let path = '';
  for (let step = at; step; step = step.up) path = elementText(step.element) + path;
  errors.push(path === '' ? what : `${path}: ${what}`);
}

function checkValue(
  { scalar, list, map }: FieldSchema,
  value: unknown,
  at: Step | undefined,
  errors: string[],
): void {
  if (value === null) return;
  const isList = Array.isArray(value);
  const isMap = !isList && typeof value === 'object';
  if (map && (isMap || (isList ? !list : !scalar))) {
    if (isMap) checkMap(map, value as Readonly<Record<string, unknown>>, at, errors);
    else complain(errors, at, `expected map, got ${goText(value)}`);
  } else if (scalar && !(isList && list)) {
    const problem = scalarProblem(scalar, value);
    if (problem) complain(errors, at, problem);
  } else if (list) {
    if (isList) checkList(list, value, at, errors);
    else complain(errors, at, `expected list, got ${goText(value)}`);
  }
}

function checkMap(
  map: MapSchema,
  value: Readonly<Record<string, unknown>>,
  up: Step | undefined,
  errors: string[],
): void {
  let undeclared: Step | undefined;
  for (const key in value) {
    const at = { element: fieldElement(key), up };
    const schema = map.field(key) ?? map.element;
    if (schema) checkValue(schema, value[key], at, errors);
    else undeclared ??= at;
  }
  // Upstream, which visits the fields in any order, leaves a map at the first that is not declared.
  if (undeclared) complain(errors, undeclared, 'field not declared in schema');
}

function checkList(
  list: ListSchema,
  items: readonly unknown[],
  up: Step | undefined,
  errors: string[],
): void {
  const seen = new Set<string>();
  for (const [i, item] of items.entries()) {
    const element = list.isAtomic ? `i:${i}` : nameOf(list, item, i, up, errors);
    if (element === undefined) return;
    if (seen.has(element)) complain(errors, up, `duplicate entries for key ${elementText(element)}`);
    seen.add(element);
    checkValue(list.element, item, { element, up }, errors);
  }
}

/** Undefined for an item without keys: the rest of its list is not checked. */
function nameOf(
  list: ListSchema,
  item: unknown,
  i: number,
  at: Step | undefined,
  errors: string[],
): string | undefined {
  try {
    return listElement(list, item);
  } catch (error) {
    if (!(error instanceof UnnamedItem)) throw error;
    complain(errors, at, `element ${i}: ${error.message}`);
    return undefined;
  }
}

function scalarProblem(scalar: ScalarType, value: unknown): string | undefined {
  if (typeof value === scalar) return undefined;
  if (scalar === 'number' && typeof value === 'bigint') return undefined;
  if (scalar === 'number') return `expected numeric (int or float), got ${goTypeName(value)}`;
  if (scalar === 'string') return `expected string, got ${goShape(value)}`;
  if (scalar === 'boolean') return `expected boolean, got ${goText(value)}`;
  if (Array.isArray(value) || isJsonObject(value)) return `expected any scalar, got ${goText(value)}`;
  return undefined;
}
