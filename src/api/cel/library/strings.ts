/** The extended string functions, in the version that Kubernetes uses since 1.29. */

import { trimGoSpace } from '#base/text/go-space.ts';
import { namedEscapes } from '#wire/json/go-values.ts';
import type { Library } from '../declarations/environment.ts';
import { declare, method, overload } from '../declarations/function.ts';
import { dynType, intType, listType, stringType } from '../types/type.ts';
import { type ListValue, MadeList } from '../values/list.ts';
import { shownValue } from '../values/shown.ts';
import { ErrorValue, type Value } from '../values/value.ts';
import { formatText } from './format/text.ts';

type Int = number | bigint;

const outOfRange = (index: Int) => new ErrorValue(`index out of range: ${index}`);

function charAt(text: string, index: Int): Value {
  const characters = Array.from(text);
  if (index < 0 || index > characters.length) return outOfRange(index);
  return characters[Number(index)] ?? '';
}

function indexOf(text: string, part: string, from: Int = 0): Value {
  if (part === '') return from;
  if (from < 0) return outOfRange(from);
  const characters = Array.from(text);
  if (from >= characters.length) return -1;
  const before = characters.slice(0, Number(from)).join('').length;
  const found = text.indexOf(part, before);
  return found < 0 ? -1 : Array.from(text.slice(0, found)).length;
}

function lastIndexOf(text: string, part: string, from?: Int): Value {
  const characters = Array.from(text);
  if (part === '') return from ?? characters.length;
  const last = from ?? characters.length - 1;
  if (from === undefined && Buffer.byteLength(text) < Buffer.byteLength(part)) return -1;
  if (last < 0) return from === undefined ? -1 : outOfRange(last);
  if (last >= characters.length) return -1;
  const before = characters.slice(0, Number(last)).join('').length;
  const found = text.lastIndexOf(part, before);
  return found < 0 ? -1 : Array.from(text.slice(0, found)).length;
}

const lowerAscii = (text: string) => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
const upperAscii = (text: string) => text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());

/** Replaces at most `most` occurrences; all when it is negative. An empty `old` is between all characters. */
function replace(text: string, old: string, by: string, most: Int = -1): Value {
  if (most < 0 && old !== '') return text.replaceAll(old, () => by);
  const parts = old === '' ? ['', ...Array.from(text), ''] : text.split(old);
  const count = most < 0 ? parts.length - 1 : Math.min(Number(most), parts.length - 1);
  return (
    parts.slice(0, count + 1).join(by) +
    parts
      .slice(count + 1)
      .map((part) => old + part)
      .join('')
  );
}

function split(text: string, separator: string, most: Int = -1): Value {
  if (most === 0) return new MadeList([]);
  const parts = separator === '' ? Array.from(text) : text.split(separator);
  if (most < 0 || parts.length <= most) return new MadeList(parts);
  const kept = parts.slice(0, Number(most) - 1);
  return new MadeList([...kept, parts.slice(kept.length).join(separator)]);
}

function substring(text: string, start: Int, end?: Int): Value {
  const characters = Array.from(text);
  if (end !== undefined && start > end) {
    return new ErrorValue(`invalid substring range. start: ${start}, end: ${end}`);
  }
  for (const index of [start, end ?? start]) {
    if (index < 0 || index > characters.length) return outOfRange(index);
  }
  return characters.slice(Number(start), end === undefined ? undefined : Number(end)).join('');
}

function join(list: ListValue, separator = ''): Value {
  const values = list.values();
  const other = values.find((value) => typeof value !== 'string');
  if (other !== undefined) return new ErrorValue(`join: invalid input: ${shownValue(other)}`);
  return values.join(separator);
}

const quote = (text: string): Value =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters with an escape
  `"${text.toWellFormed().replace(/[\x07\b\f\n\r\t\v\\"]/g, (character) => namedEscapes[character]!)}"`;

const text = stringType;
const int = intType;
const texts = listType(stringType);

export const strings: Library = {
  functions: [
    declare('charAt', method('string_char_at_int', [text, int], text, charAt)),
    declare(
      'indexOf',
      method('string_index_of_string', [text, text], int, indexOf),
      method('string_index_of_string_int', [text, text, int], int, indexOf),
    ),
    declare(
      'lastIndexOf',
      method('string_last_index_of_string', [text, text], int, lastIndexOf),
      method('string_last_index_of_string_int', [text, text, int], int, lastIndexOf),
    ),
    declare('lowerAscii', method('string_lower_ascii', [text], text, lowerAscii)),
    declare('upperAscii', method('string_upper_ascii', [text], text, upperAscii)),
    declare(
      'trim',
      method('string_trim', [text], text, (value: string) => trimGoSpace(value)),
    ),
    declare(
      'replace',
      method('string_replace_string_string', [text, text, text], text, replace),
      method('string_replace_string_string_int', [text, text, text, int], text, replace),
    ),
    declare(
      'split',
      method('string_split_string', [text, text], texts, split),
      method('string_split_string_int', [text, text, int], texts, split),
    ),
    declare(
      'substring',
      method('string_substring_int', [text, int], text, substring),
      method('string_substring_int_int', [text, int, int], text, substring),
    ),
    declare(
      'join',
      method('list_join', [texts], text, join),
      method('list_join_string', [texts, text], text, join),
    ),
    declare('format', method('string_format', [text, listType(dynType)], text, formatText)),
    declare('strings.quote', overload('strings_quote', [text], text, quote)),
  ],
};
