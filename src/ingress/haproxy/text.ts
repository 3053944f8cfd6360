/**
 * The only way for a user's text into HAProxy's configuration. Every character that could end a word, a quote, a line or
 * a format, or begin a variable, is written by its code: no text of an object becomes configuration.
 */

const plain = /^[A-Za-z0-9_./:@=,-]$/;

/** One word of a configuration line. */
export function word(text: string): string {
  if (text === '') return '""';
  let written = '';
  for (const byte of new TextEncoder().encode(text)) {
    const character = String.fromCharCode(byte);
    written += plain.test(character) ? character : `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return written;
}

/** One word that HAProxy reads as a format: its `%` is literal. */
export function format(text: string): string {
  return word(formatText(text));
}

/** Literal text inside a format, before it is written as a word. */
export function formatText(text: string): string {
  return text.replaceAll('%', '%%');
}

/** The program reads map files in pieces of 16 KB, and takes the rest of a longer line for another. */
const keyBytesMax = 8192;

/** A key of a map file, which ends at the first space; undefined for one that no request can match. */
export function mapKey(text: string): string | undefined {
  if (text === '' || text.startsWith('#') || /\s/.test(text)) return undefined;
  return Buffer.byteLength(text) > keyBytesMax ? undefined : text;
}

/** A regular expression as the key of a map file. */
export function regexKey(text: string): string {
  return text.replace(/\s/g, (space) => `\\x${space.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** Literal text inside a regular expression. */
export function regexText(text: string): string {
  return text.replace(/[^A-Za-z0-9_/-]/gu, (character) =>
    [...new TextEncoder().encode(character)]
      .map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`)
      .join(''),
  );
}

/** Names of headers and cookies are arguments inside of expressions, where nothing can be quoted. */
export function isSafeName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(name);
}
