/**
 * A text in YAML as Go writes it: plain where it reads back as it is, else in quotes, its lines below each other where it
 * has several; a long one goes on in the next line.
 */

import { hasOtherMeaning } from './other-meaning.ts';

const widthMax = 80;

/** Where a text is written. */
export interface ScalarPlace {
  /** How many characters stand before it in its line. */
  readonly column: number;
  /** How many spaces stand before its further lines. */
  readonly indent: number;
  /** A key is written in one line. */
  readonly isKey: boolean;
}

export function textIn(value: string, place: ScalarPlace): string {
  if (value === '') return '""';
  const facts = factsOf(value);
  if (value.includes('\n') && !place.isKey && facts.takesBlock) return blockText(value, place.indent);
  if (hasOtherMeaning(value) || !facts.takesSingleQuotes || (value.includes('\n') && !facts.takesBlock)) {
    return doubleQuoted(value, place);
  }
  if (facts.isPlain) return folded(value, place, 0);
  return singleQuoted(value, place);
}

interface Facts {
  readonly isPlain: boolean;
  readonly takesSingleQuotes: boolean;
  readonly takesBlock: boolean;
}

const lineBreak = '[\\r\\n\\u0085\\u2028\\u2029]';
const unprintable = /[^\n\x20-\x7e\u00a0-\ud7ff\ue000-\ufffd]|\ufeff/;
const spaceBeforeBreak = new RegExp(` ${lineBreak}`);
const spaceBehindBreak = new RegExp(`${lineBreak} `);
const anyBreak = new RegExp(lineBreak);
const atEdges = new RegExp(`^(?: |${lineBreak})|(?: |${lineBreak})$`);
/** What has a meaning in YAML at the beginning of a text, or within it. */
const indicator =
  /^(?:---|\.\.\.|[#,[\]{}&*!|>'"%@`]|[?:-](?:[ \t]|$))|:(?:[ \t]|$)|[ \t\r\n\u0085\u2028\u2029]#/;

function factsOf(value: string): Facts {
  const isSpecial = spaceBeforeBreak.test(value) || unprintable.test(value);
  return {
    isPlain: !isSpecial && !anyBreak.test(value) && !atEdges.test(value) && !indicator.test(value),
    takesSingleQuotes: !isSpecial && !spaceBehindBreak.test(value),
    takesBlock: !isSpecial && !value.endsWith(' '),
  };
}

/** A literal block; its header says what spaces at the beginning and line breaks at the end would hide. */
function blockText(value: string, indent: number): string {
  const start = /^[ \r\n\u0085\u2028\u2029]/.test(value) ? '2' : '';
  const spaces = ' '.repeat(indent);
  const lines = value.replace(new RegExp(`(^|${lineBreak})(?!${lineBreak}|$)`, 'g'), `$1${spaces}`);
  const isLastEnded = anyBreak.test(value.at(-1)!);
  const end = isLastEnded ? (value.length === 1 || anyBreak.test(value.at(-2)!) ? '+' : '') : '-';
  return `|${start}${end}\n${isLastEnded ? lines.slice(0, -1) : lines}`;
}

function singleQuoted(value: string, place: ScalarPlace): string {
  const indented = value.replace(
    new RegExp(`(${lineBreak}+)(?!${lineBreak})`, 'g'),
    (breaks) => breaks + ' '.repeat(place.indent),
  );
  return `'${folded(indented.replaceAll("'", "''"), place, 1)}'`;
}

/** Breaks the text at single spaces beyond the greatest width, but not at the edges of a quoted text. */
function folded(value: string, { column, indent, isKey }: ScalarPlace, quotes: number): string {
  if (isKey || column + value.length <= widthMax) return value;
  const characters = [...value];
  let at = column + quotes;
  let text = '';
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i]!;
    const isSingle = character === ' ' && characters[i - 1] !== ' ' && characters[i + 1] !== ' ';
    const isInside = quotes === 0 || (i > 0 && i < characters.length - 1);
    if (isSingle && isInside && at > widthMax) {
      text += `\n${' '.repeat(indent)}`;
      at = indent;
    } else {
      text += character;
      at = anyBreak.test(character) ? 0 : at + 1;
    }
  }
  return text;
}

const escapes: Readonly<Record<string, string>> = {
  '\0': '0',
  '\x07': 'a',
  '\b': 'b',
  '\t': 't',
  '\n': 'n',
  '\v': 'v',
  '\f': 'f',
  '\r': 'r',
  '\x1b': 'e',
  '"': '"',
  '\\': '\\',
  '\u0085': 'N',
  '\u00a0': '_',
  '\u2028': 'L',
  '\u2029': 'P',
};

function doubleQuoted(value: string, { column, indent, isKey }: ScalarPlace): string {
  const characters = [...value];
  let at = column + 1;
  let text = '"';
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i]!;
    const isInside = i > 0 && i < characters.length - 1;
    if (character === ' ' && characters[i - 1] !== ' ' && isInside && !isKey && at > widthMax) {
      const hint = characters[i + 1] === ' ' ? '\\' : '';
      text += `\n${' '.repeat(indent)}${hint}`;
      at = indent + hint.length;
      continue;
    }
    const written = escaped(character);
    text += written;
    at += written.length;
  }
  return `${text}"`;
}

function escaped(character: string): string {
  const isWritten = !unprintable.test(character) && !/["\\\r\n\u0085\u2028\u2029]/.test(character);
  if (isWritten && character.length === 1) return character;
  const short = escapes[character];
  if (short !== undefined) return `\\${short}`;
  const code = character.codePointAt(0)!;
  const digits = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${digits.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${digits.padStart(4, '0')}` : `\\U${digits.padStart(8, '0')}`;
}
