/** Finds keys that a JSON text contains twice in one object; `JSON.parse` silently keeps the last. */

import { goQuoted } from './go-values.ts';

/**
 * False only when there are certainly none, by comparing lengths: parsed compact JSON without duplicates is
 * written back with the same length. Spares nearly every write the scan.
 */
export function mayHaveDuplicateFields(json: Uint8Array, compact: string): boolean {
  const compactBytes = Buffer.byteLength(compact);
  let length = json.length;
  while (length > compactBytes && isSpace(json[length - 1]!)) length--;
  return length !== compactBytes;
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
  new Scanner(text, found, unknown).value('');
  return [...found];
}

class Scanner {
  readonly text: string;
  readonly found: Set<string>;
  readonly unknown: ReadonlySet<string>;
  at = 0;
  mutedDepth = 0;

  constructor(text: string, found: Set<string>, unknown: ReadonlySet<string>) {
    this.text = text;
    this.found = found;
    this.unknown = unknown;
  }

  add(problem: 'duplicate' | 'unknown', path: string): void {
    if (this.mutedDepth === 0 && this.found.size < strictErrorsMax) {
      this.found.add(`${problem} field ${goQuoted(path)}`);
    }
  }

  value(path: string): void {
    this.space();
    const character = this.text[this.at];
    if (character === '{') this.object(path);
    else if (character === '[') this.list(path);
    else if (character === '"') this.string();
    else this.scalar();
    this.space();
  }

  scalar(): void {
    while (this.at < this.text.length && !/[,\]}\s]/.test(this.text[this.at]!)) this.at++;
  }

  /** Skips a value without reporting anything in it. */
  passOver(path: string): void {
    this.mutedDepth++;
    this.value(path);
    this.mutedDepth--;
  }

  object(path: string): void {
    const seen = new Set<string>();
    this.at++;
    this.space();
    while (this.text[this.at] !== '}' && this.at < this.text.length) {
      const key = this.string();
      const keyPath = path === '' ? key : `${path}.${key}`;
      const isUnknown = this.unknown.has(keyPath);
      if (isUnknown) this.add('unknown', keyPath);
      else if (seen.has(key)) this.add('duplicate', keyPath);
      seen.add(key);
      this.space();
      this.at++;
      if (isUnknown) this.passOver(keyPath);
      else this.value(keyPath);
      if (this.text[this.at] === ',') this.at++;
      this.space();
    }
    this.at++;
  }

  list(path: string): void {
    this.at++;
    this.space();
    for (let i = 0; this.text[this.at] !== ']' && this.at < this.text.length; i++) {
      this.value(`${path}[${i}]`);
      if (this.text[this.at] === ',') this.at++;
    }
    this.at++;
  }

  string(): string {
    const start = this.at++;
    let escaped = false;
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code === 0x22 || Number.isNaN(code)) break;
      if (code === 0x5c) {
        escaped = true;
        this.at++;
      }
      this.at++;
    }
    this.at++;
    const raw = this.text.slice(start, this.at);
    return escaped ? (JSON.parse(raw) as string) : raw.slice(1, -1);
  }

  space(): void {
    while (isSpace(this.text.charCodeAt(this.at))) this.at++;
  }
}
