/** Finds keys that a JSON text contains twice in one object; `JSON.parse` silently keeps the last. */

import { goQuoted } from './go-values.ts';
import { endOfString } from './nesting.ts';
import type { JsonObject } from './value.ts';

/** `parsed` is the value of the text: it has fewer keys than a text that contains one twice. */
export function hasDuplicateFields(json: Uint8Array, parsed: unknown): boolean {
  return keysIn(json) > keysOf(parsed);
}

/**
 * Whether the text is as long as the value is written. It may have a key twice even so: `1e9` and bytes that are
 * not UTF-8 are written longer than they came.
 */
export function isCompact(json: Uint8Array, parsed: unknown): boolean {
  const compactBytes = Buffer.byteLength(JSON.stringify(parsed));
  let length = json.length;
  while (length > compactBytes && isSpace(json[length - 1]!)) length--;
  return length === compactBytes;
}

function keysIn(json: Uint8Array): number {
  let keys = 0;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at]!;
    if (byte === 0x22) at = endOfString(json, at);
    else if (byte === 0x3a) keys++;
  }
  return keys;
}

function keysOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let keys = 0;
  if (Array.isArray(value)) {
    for (const item of value) keys += keysOf(item);
    return keys;
  }
  for (const key in value) keys += 1 + keysOf((value as JsonObject)[key]);
  return keys;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/** At most this many are reported. */
export const strictErrorsMax = 100;

/**
 * Duplicate fields, and the unknown ones among them, in the strict decoder's wording: each once, in the order
 * of the text, which must be valid JSON. The contents of an unknown field are skipped.
 */
export function findStrictErrors(text: string, unknown: ReadonlySet<string> = new Set()): string[] {
  const found = new Set<string>();
  new Scanner(text, found, unknown).value();
  return [...found];
}

/** Ends of the paths of unknown fields: only a key among them can be an unknown field's. */
function endsOf(paths: Iterable<string>): Set<string> {
  const ends = new Set<string>();
  for (const path of paths) {
    for (let at = 0; at >= 0; at = path.indexOf('.', at) + 1 || -1) ends.add(path.slice(at));
  }
  return ends;
}

class Scanner {
  readonly text: string;
  readonly found: Set<string>;
  readonly unknown: ReadonlySet<string>;
  readonly unknownEnds: ReadonlySet<string>;
  /** Keys and indices from the root to the current value. */
  readonly path: (string | number)[] = [];
  at = 0;
  mutedDepth = 0;

  constructor(text: string, found: Set<string>, unknown: ReadonlySet<string>) {
    this.text = text;
    this.found = found;
    this.unknown = unknown;
    this.unknownEnds = endsOf(unknown);
  }

  pathText(): string {
    let text = '';
    for (const step of this.path) {
      if (typeof step === 'number') text += `[${step}]`;
      else text += text === '' ? step : `.${step}`;
    }
    return text;
  }

  add(problem: 'duplicate' | 'unknown'): void {
    if (this.mutedDepth > 0) return;
    this.found.add(`${problem} field ${goQuoted(this.pathText())}`);
    if (this.found.size === strictErrorsMax) this.at = this.text.length;
  }

  value(): void {
    this.space();
    const code = this.text.charCodeAt(this.at);
    if (code === 0x7b) this.object();
    else if (code === 0x5b) this.list();
    else if (code === 0x22) this.string();
    else this.scalar();
    this.space();
  }

  scalar(): void {
    while (this.at < this.text.length && !endsScalar(this.text.charCodeAt(this.at))) this.at++;
  }

  object(): void {
    const seen = new Set<string>();
    this.at++;
    this.space();
    while (this.text[this.at] !== '}' && this.at < this.text.length) {
      const key = this.key();
      this.path.push(key);
      const isUnknown = this.unknownEnds.has(key) && this.unknown.has(this.pathText());
      if (isUnknown) this.add('unknown');
      else if (seen.has(key)) this.add('duplicate');
      seen.add(key);
      this.space();
      this.at++;
      if (isUnknown) this.mutedDepth++;
      this.value();
      if (isUnknown) this.mutedDepth--;
      this.path.pop();
      if (this.text[this.at] === ',') this.at++;
      this.space();
    }
    this.at++;
  }

  list(): void {
    this.at++;
    this.space();
    for (let i = 0; this.text[this.at] !== ']' && this.at < this.text.length; i++) {
      this.path.push(i);
      this.value();
      this.path.pop();
      if (this.text[this.at] === ',') this.at++;
    }
    this.at++;
  }

  key(): string {
    const start = this.at;
    const isEscaped = this.string();
    return isEscaped
      ? (JSON.parse(this.text.slice(start, this.at)) as string)
      : this.text.slice(start + 1, this.at - 1);
  }

  /** Returns whether it has an escape. */
  string(): boolean {
    this.at++;
    let isEscaped = false;
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code === 0x22 || Number.isNaN(code)) break;
      if (code === 0x5c) {
        isEscaped = true;
        this.at++;
      }
      this.at++;
    }
    this.at++;
    return isEscaped;
  }

  space(): void {
    while (isSpace(this.text.charCodeAt(this.at))) this.at++;
  }
}

function endsScalar(code: number): boolean {
  return code === 0x2c || code === 0x5d || code === 0x7d || isSpace(code);
}
