/**
 * YAML as Kubernetes writes it, byte for byte: keys in order, lists not indented, long texts in several lines, quotes
 * where a text would be read as something else.
 */

import { isJsonObject, type JsonObject } from '../../json/value.ts';
import { sortedKeys } from './key-order.ts';
import { numberText } from './number-text.ts';
import { hasOtherMeaning } from './other-meaning.ts';
import { textIn } from './scalar-text.ts';

/** The bytes of the longest key that stands before its value in one line. */
const simpleKeyBytesMax = 128;
const indentStep = 2;
/** Letters, with characters in between that are not special there: most keys and texts. */
const plain = /^[A-Za-z](?:(?:[\w ./,=+@()-]|:(?! ))*[\w./)-])?$/;
/** Shorter than a line, at any depth that objects have. */
const shortLengthMax = 32;

export function toYaml(value: unknown): string {
  const lines: string[] = [];
  if (isFilledObject(value)) writeMap(lines, value, 0, '');
  else if (isFilledList(value)) writeList(lines, value, 0, '');
  else lines.push(`${scalarText(value, 0, 0)}\n`);
  return lines.join('');
}

/** `first`: what stands before the first line instead of its indentation. */
function writeMap(lines: string[], map: JsonObject, indent: number, first?: string): void {
  const spaces = ' '.repeat(indent);
  let before = first ?? spaces;
  for (const key of sortedKeys(map)) {
    const value = map[key];
    if (value === undefined) continue;
    writeEntry(lines, before, key, value, indent);
    before = spaces;
  }
}

function writeEntry(lines: string[], before: string, key: string, value: unknown, indent: number): void {
  if (!isSimpleKey(key)) {
    const name = textIn(key, { column: indent + 2, indent: indent + indentStep, isKey: false });
    lines.push(`${before}? ${name}\n`);
    writeBehind(lines, `${' '.repeat(indent)}: `, value, indent);
    return;
  }
  const name = keyText(key);
  if (isFilledObject(value)) {
    lines.push(`${before}${name}:\n`);
    writeMap(lines, value, indent + indentStep);
  } else if (isFilledList(value)) {
    lines.push(`${before}${name}:\n`);
    writeList(lines, value, indent);
  } else {
    const column = indent + name.length + 2;
    lines.push(`${before}${name}: ${scalarText(value, column, indent + indentStep)}\n`);
  }
}

function writeList(lines: string[], list: readonly unknown[], indent: number, first?: string): void {
  const spaces = ' '.repeat(indent);
  let before = first ?? spaces;
  for (const item of list) {
    writeBehind(lines, `${before}- `, item, indent);
    before = spaces;
  }
}

/** A value whose first line stands beside a dash, or the colon of a long key. */
function writeBehind(lines: string[], before: string, value: unknown, indent: number): void {
  const inner = indent + indentStep;
  if (isFilledObject(value)) writeMap(lines, value, inner, before);
  else if (isFilledList(value)) writeList(lines, value, inner, before);
  else lines.push(`${before}${scalarText(value, inner, inner)}\n`);
}

function isSimpleKey(key: string): boolean {
  if (key.length <= shortLengthMax && plain.test(key)) return true;
  return !/[\r\n\u0085\u2028\u2029]/.test(key) && Buffer.byteLength(key) <= simpleKeyBytesMax;
}

function keyText(key: string): string {
  if (plain.test(key) && !hasOtherMeaning(key)) return key;
  return textIn(key, { column: 0, indent: 0, isKey: true });
}

function scalarText(value: unknown, column: number, indent: number): string {
  if (typeof value === 'string') {
    const isShort = column + value.length <= shortLengthMax;
    if (isShort && plain.test(value) && !hasOtherMeaning(value)) return value;
    return textIn(value, { column, indent, isKey: false });
  }
  if (typeof value === 'number') return numberText(value);
  if (Array.isArray(value)) return '[]';
  return isJsonObject(value) ? '{}' : String(value);
}

function isFilledObject(value: unknown): value is JsonObject {
  if (!isJsonObject(value)) return false;
  for (const key in value) if (value[key] !== undefined) return true;
  return false;
}

function isFilledList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length > 0;
}
