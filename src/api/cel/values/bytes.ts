/** Bytes of base64 in the alphabet of URLs, as upstream reads texts of the format `byte`, and their comparison. */

import { base64ErrorAt } from '../../values/base64.ts';
import { ErrorValue } from './value.ts';

const standardCharacters: Readonly<Record<string, string>> = { '-': '+', _: '/', '+': '!', '/': '!' };

export function bytesOfBase64(text: string): Uint8Array | ErrorValue {
  const inStandardAlphabet = text.replace(/[-_+/]/g, (character) => standardCharacters[character]!);
  const errorAt = base64ErrorAt(inStandardAlphabet);
  if (errorAt === undefined) return Buffer.from(inStandardAlphabet, 'base64');
  return new ErrorValue(
    `Invalid byte formatted string ${text}: illegal base64 data at input byte ${errorAt}`,
  );
}

export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(a, b);
}
