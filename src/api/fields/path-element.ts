/**
 * A path element in the form of FieldsV1: `f:` a field, `k:` an element of a list by its keys, `v:` an element
 * of a set, `i:` an index. Equal elements are equal strings.
 */

import { goJson } from '#base/text/go-json.ts';
import { parseExactly } from '#wire/json/exact-integers.ts';
import { goQuoted } from '#wire/json/go-values.ts';
import type { JsonObject } from '#wire/json/value.ts';
import type { ListKey } from './field-schema.ts';

/** Field names recur in every object; label keys need not, so the cache is bounded. */
const knownMax = 8192;
const known = new Map<string, string>();

export function fieldElement(name: string): string {
  const found = known.get(name);
  if (found !== undefined) return found;
  const element = `f:${name}`;
  if (known.size < knownMax) known.set(name, element);
  return element;
}

export function valueElement(value: unknown): string {
  return `v:${jsonOf(value)}`;
}

/** Undefined when the item has none of the keys, and no key has a default. */
export function keyElement(keys: readonly ListKey[], item: JsonObject): string | undefined {
  let text = '';
  for (const key of keys) {
    const value = keyValue(key, item);
    if (value !== undefined) text += `${text === '' ? '' : ','}${jsonOf(key.name)}:${jsonOf(value)}`;
  }
  return text === '' ? undefined : `k:{${text}}`;
}

function keyValue({ name, default: value }: ListKey, item: JsonObject): unknown {
  return Object.hasOwn(item, name) ? item[name] : value;
}

/** What `keyElement` is written from. */
export function keyEntries(keys: readonly ListKey[], item: JsonObject): KeyEntries {
  const entries: [name: string, value: unknown][] = [];
  for (const key of keys) {
    const value = keyValue(key, item);
    if (value !== undefined) entries.push([key.name, value]);
  }
  return entries;
}

const plainText = /^[\w ./:-]*$/;

function jsonOf(value: unknown): string {
  if (typeof value === 'string') return plainText.test(value) ? `"${value}"` : goJson(value);
  return typeof value === 'number' ? String(value) : goJson(value);
}

/** As in the messages of conflicts: `.name`, `[name="a"]`, `[="a"]`, `[0]`. */
export function elementText(element: string): string {
  const rest = element.slice(2);
  if (element.startsWith('f:')) return `.${rest}`;
  if (element.startsWith('v:')) return `[=${valueText(parseExactly(rest))}]`;
  if (element.startsWith('i:')) return `[${rest}]`;
  const keys = Object.entries(parseExactly(rest) as JsonObject);
  return `[${keys.map(([name, value]) => `${name}=${valueText(value)}`).join(',')}]`;
}

export function pathText(path: readonly string[]): string {
  return path.map(elementText).join('');
}

function valueText(value: unknown): string {
  if (typeof value === 'string') return goQuoted(value);
  if (Array.isArray(value)) return `[${value.map(valueText).join(',')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([key, inner]) => `${key}=${valueText(inner)}`)
    .join('');
}

const order = 'fkvi';

/** The order of FieldsV1: fields, keys, values, indices; elements of one kind by their content. */
export function compareElements(a: string, b: string): number {
  if (a === b) return 0;
  const kind = a[0]!;
  if (kind !== b[0]) return order.indexOf(kind) - order.indexOf(b[0]!);
  if (kind === 'f' || (isPlain(a) && isPlain(b))) return a < b ? -1 : 1;
  return compareContents(kind, contentOf(a), contentOf(b));
}

/** The items in the order of their elements. `content` returns what an element is written from; without it each is parsed once. */
export function sortedByElement<T>(
  items: readonly T[],
  elementOf: (item: T) => string,
  content?: (item: T) => unknown,
): T[] {
  const known = items.map((item): Known<T> => {
    const element = elementOf(item);
    if (content) return { item, element, isPlain: false, content: content(item) };
    return { item, element, isPlain: element.startsWith('f:') || isPlain(element), content: undefined };
  });
  return known.sort(compareKnown).map(({ item }) => item);
}

interface Known<T> {
  readonly item: T;
  readonly element: string;
  readonly isPlain: boolean;
  content: unknown;
}

function compareKnown<T>(a: Known<T>, b: Known<T>): number {
  const kind = a.element[0]!;
  if ((a.isPlain && b.isPlain) || a.element === b.element || kind !== b.element[0]) {
    return compareElements(a.element, b.element);
  }
  a.content ??= contentOf(a.element);
  b.content ??= contentOf(b.element);
  return compareContents(kind, a.content, b.content);
}

type KeyEntries = readonly (readonly [name: string, value: unknown])[];

function contentOf(element: string): unknown {
  const content = parseExactly(element.slice(2));
  return element.startsWith('k:') ? Object.entries(content as JsonObject) : content;
}

function compareContents(kind: string, a: unknown, b: unknown): number {
  return kind === 'k' ? compareKeys(a as KeyEntries, b as KeyEntries) : compareValues(a, b);
}

/** A single string without escapes, which sorts like its JSON. */
function isPlain(element: string): boolean {
  return plainElement.test(element);
}

const plainElement = /^(?:k:\{"\w+":"[\w./:-]*"\}|v:"[\w./:-]*")$/;

function compareKeys(left: KeyEntries, right: KeyEntries): number {
  for (const [i, [name, value]] of left.entries()) {
    const other = right[i];
    if (!other) return 1;
    if (name !== other[0]) return name < other[0] ? -1 : 1;
    const compared = compareValues(value, other[1]);
    if (compared !== 0) return compared;
  }
  return left.length - right.length;
}

/** Upstream's order of values of different types. */
const ranks = ['number', 'string', 'boolean'];

function compareValues(a: unknown, b: unknown): number {
  const [left, right] = [rank(a), rank(b)];
  if (left !== right) return left - right;
  if (left === ranks.length || a === b) return 0;
  return (a as string) < (b as string) ? -1 : 1;
}

function rank(value: unknown): number {
  const found = ranks.indexOf(typeof value === 'bigint' ? 'number' : typeof value);
  return found < 0 ? ranks.length : found;
}
