/** Splits an expression into tokens. */

import { SyntaxProblem } from './problem.ts';

export type TokenKind =
  | 'int'
  | 'uint'
  | 'float'
  | 'string'
  | 'bytes'
  | 'identifier'
  | 'escaped'
  | 'keyword'
  | 'symbol'
  | 'end';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  /** The index of its first character. */
  readonly at: number;
}

const escaped = String.raw`\\(?:[abfnrtv"'\\?${'`'}]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2})`;
const quoted = [
  '[rR]"""[^]*?"""',
  "[rR]'''[^]*?'''",
  String.raw`"""(?:${escaped}|[^\\])*?"""`,
  String.raw`'''(?:${escaped}|[^\\])*?'''`,
  String.raw`[rR]"[^"\n\r]*"`,
  String.raw`[rR]'[^'\n\r]*'`,
  String.raw`"(?:${escaped}|[^\\"\n\r])*"`,
  String.raw`'(?:${escaped}|[^\\'\n\r])*'`,
].join('|');

/** In the order in which they are tried: of matches of equal length the first kind wins. */
const patterns: readonly (readonly [TokenKind | 'hidden', RegExp])[] = [
  ['hidden', /[\t \r\n\f]+|\/\/[^\n]*/uy],
  ['float', /\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?/uy],
  ['uint', /(?:0x[0-9a-fA-F]+|\d+)[uU]/uy],
  ['int', /0x[0-9a-fA-F]+|\d+/uy],
  ['bytes', new RegExp(`[bB](?:${quoted})`, 'uy')],
  ['string', new RegExp(`(?:${quoted})`, 'uy')],
  ['identifier', /[A-Za-z_][A-Za-z0-9_]*/uy],
  ['escaped', /`[A-Za-z0-9_./ -]+`/uy],
  ['symbol', /==|!=|<=|>=|&&|\|\||[<>[\]{}().,\-!?:+*/%]/uy],
];

const keywords = new Set(['in', 'true', 'false', 'null']);

/** Throws `SyntaxProblem` at the first character that begins no token. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let unit = 0;
  let at = 0;
  while (unit < text.length) {
    const found = matchAt(text, unit);
    if (found === undefined) {
      throw new SyntaxProblem(at, `token recognition error at: '${rejectedText(text, unit)}'`);
    }
    const [kind, part] = found;
    if (kind === 'identifier' && keywords.has(part)) tokens.push({ kind: 'keyword', text: part, at });
    else if (kind !== 'hidden') tokens.push({ kind, text: part, at });
    unit += part.length;
    at += charactersOf(part);
  }
  tokens.push({ kind: 'end', text: '<EOF>', at });
  return tokens;
}

function matchAt(text: string, unit: number): readonly [TokenKind | 'hidden', string] | undefined {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = unit;
    const found = pattern.exec(text);
    if (found !== null) return [kind, found[0]];
  }
  return undefined;
}

/** A string without an end is rejected up to the end of its line, anything else with one character. */
function rejectedText(text: string, unit: number): string {
  if (/["']/.test(text[unit]!)) return /^.[^\n]*\n?/u.exec(text.slice(unit))![0].replaceAll('\n', '\\n');
  const start = /^[&|=]/.test(text[unit]!)
    ? text.slice(unit, unit + 2)
    : String.fromCodePoint(text.codePointAt(unit)!);
  return start;
}

function charactersOf(part: string): number {
  let count = part.length;
  for (let index = 0; index < part.length; index++) {
    const code = part.charCodeAt(index);
    if (code >= 0xd800 && code <= 0xdbff && index + 1 < part.length) {
      count--;
      index++;
    }
  }
  return count;
}
