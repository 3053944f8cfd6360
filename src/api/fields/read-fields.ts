/** Reads the FieldsV1 of a request: every element is checked and written in canonical form. */

import { goJson } from '#base/text/go-json.ts';
import { parseExactly } from '#wire/json/exact-integers.ts';
import { isJsonObject, type JsonObject } from '#wire/json/value.ts';
import { type FieldSet, inOrder, leaf, type OpenSet, openSet } from './field-set.ts';

/** The value is not FieldsV1; the message says why. */
export class InvalidFields extends Error {
  override name = 'InvalidFields';
}

export function readFields(fields: unknown): FieldSet {
  const node = readNode(fields ?? {});
  const { '.': _, ...set } = node;
  return inOrder(set);
}

/** A node with only unknown elements becomes a leaf, as upstream. */
function readNode(value: unknown): FieldSet {
  // As Go's decoder reads it into a set.
  if (value === null) return leaf;
  if (!isJsonObject(value)) throw new InvalidFields(`expected { character, but found ${typeof value}`);
  const out: OpenSet = openSet(true);
  for (const [key, below] of Object.entries(value)) {
    const element = key === '.' ? key : readElement(key);
    if (element !== undefined) out[element] = element === '.' ? leaf : readNode(below);
  }
  const names = Object.keys(out);
  return names.length === 0 || (names.length === 1 && names[0] === '.') ? leaf : out;
}

/** Undefined for an unknown kind of element. */
function readElement(text: string): string | undefined {
  if (text.length < 2) throw new InvalidFields('key must be 2 characters long:');
  if (text[1] !== ':') throw new InvalidFields(`missing colon: ${text}`);
  const rest = text.slice(2);
  if (text[0] === 'f') return text;
  if (text[0] === 'v') return `v:${goJson(parsed(rest))}`;
  if (text[0] === 'i') return `i:${index(rest)}`;
  if (text[0] !== 'k') return undefined;
  const keys = parsed(rest);
  if (!isJsonObject(keys)) throw new InvalidFields(`expected { character, but found ${rest}`);
  return `k:${goJson(keys as JsonObject)}`;
}

function index(text: string): number {
  const number = Number(text);
  if (text !== '' && Number.isSafeInteger(number)) return number;
  throw new InvalidFields(`strconv.Atoi: parsing "${text}": invalid syntax`);
}

function parsed(text: string): unknown {
  try {
    return parseExactly(text);
  } catch {
    throw new InvalidFields(`invalid JSON in a path element: ${text}`);
  }
}
