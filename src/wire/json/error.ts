/** Why a text is not valid JSON, in the wording of Go's encoding/json: the offending character, and where. */

import { goQuoted } from './go-values.ts';

const endOfInput = 'unexpected end of JSON input';

/** Undefined when the text is JSON. */
export function goJsonError(text: string): string | undefined {
  const reader = new Reader(text);
  try {
    reader.value();
    reader.space();
    if (!reader.atEnd()) throw reader.unexpected('after top-level value');
    return undefined;
  } catch (error) {
    if (error instanceof Stumbled) return error.message;
    throw error;
  }
}

class Stumbled extends Error {}

class Reader {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  atEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** The offending character, or the end of the input. */
  unexpected(where: string): Stumbled {
    if (this.atEnd()) return new Stumbled(endOfInput);
    return new Stumbled(`invalid character ${quotedCharacter(this.text[this.at]!)} ${where}`);
  }

  space(): void {
    while (' \t\r\n'.includes(this.text[this.at] ?? '-')) this.at++;
  }

  value(): void {
    this.space();
    const character = this.text[this.at] ?? '';
    if (character === '{') this.object();
    else if (character === '[') this.list();
    else if (character === '"') this.string();
    else if (character === '-' || isDigit(character)) this.number();
    else if (character === 't') this.literal('true');
    else if (character === 'f') this.literal('false');
    else if (character === 'n') this.literal('null');
    else throw this.unexpected('looking for beginning of value');
  }

  object(): void {
    this.at++;
    this.space();
    if (this.takes('}')) return;
    for (;;) {
      this.space();
      if (this.text[this.at] !== '"') throw this.unexpected('looking for beginning of object key string');
      this.string();
      this.space();
      if (!this.takes(':')) throw this.unexpected('after object key');
      this.value();
      this.space();
      if (this.takes('}')) return;
      if (!this.takes(',')) throw this.unexpected('after object key:value pair');
    }
  }

  list(): void {
    this.at++;
    this.space();
    if (this.takes(']')) return;
    for (;;) {
      this.value();
      this.space();
      if (this.takes(']')) return;
      if (!this.takes(',')) throw this.unexpected('after array element');
    }
  }

  takes(character: string): boolean {
    if (this.text[this.at] !== character) return false;
    this.at++;
    return true;
  }

  string(): void {
    this.at++;
    while (!this.takes('"')) {
      if (this.atEnd() || this.text[this.at]! < ' ') throw this.unexpected('in string literal');
      if (this.takes('\\')) this.escape();
      else this.at++;
    }
  }

  escape(): void {
    if (!this.takes('u')) {
      if (!'bfnrt\\/"'.includes(this.text[this.at] ?? '-')) throw this.unexpected('in string escape code');
      this.at++;
      return;
    }
    for (let i = 0; i < 4; i++) {
      if (!/[0-9a-fA-F]/.test(this.text[this.at] ?? '')) {
        throw this.unexpected('in \\u hexadecimal character escape');
      }
      this.at++;
    }
  }

  number(): void {
    this.takes('-');
    if (!this.takes('0')) this.digits('in numeric literal');
    if (this.takes('.')) this.digits('after decimal point in numeric literal');
    if (!this.takes('e') && !this.takes('E')) return;
    if (!this.takes('+')) this.takes('-');
    this.digits('in exponent of numeric literal');
  }

  digits(where: string): void {
    if (!isDigit(this.text[this.at] ?? '')) throw this.unexpected(where);
    while (isDigit(this.text[this.at] ?? '')) this.at++;
  }

  literal(word: string): void {
    for (const character of word) {
      if (!this.takes(character)) throw this.unexpected(`in literal ${word} (expecting '${character}')`);
    }
  }
}

function isDigit(character: string): boolean {
  return character >= '0' && character <= '9' && character.length === 1;
}

function quotedCharacter(character: string): string {
  if (character === "'") return "'\\''";
  if (character === '"') return `'"'`;
  return `'${goQuoted(character).slice(1, -1)}'`;
}
