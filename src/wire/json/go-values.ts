/** JSON values as Go programs name and print them in messages. */

/** The type in encoding/json's messages: `string`, `number`, `bool`, `array`, `object`. */
export function goJsonType(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'bigint') return 'number';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** The Go type that a JSON value decodes to by default. */
export function goTypeOf(value: unknown): string {
  if (Array.isArray(value)) return '[]interface {}';
  if (value === null || value === undefined) return '<nil>';
  if (typeof value === 'object') return 'map[string]interface {}';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return typeof value === 'bigint' ? 'int64' : goJsonType(value);
}

/** Longest part of a value in a message; its sender knows the rest. */
export const shownLengthMax = 16 * 1024;

export function cutText(text: string): string {
  return text.length > shownLengthMax ? `${text.slice(0, shownLengthMax)}...` : text;
}

/** As `%+v` prints it: `map[data:map[x:5]]`. Very long values are truncated. */
export function goValueText(value: unknown): string {
  const pieces: string[] = [];
  const room = print(value, pieces, shownLengthMax);
  return room > 0 ? pieces.join('') : `${pieces.join('').slice(0, shownLengthMax)}...`;
}

/** An integer of up to 64 bits as it is, other numbers as `%v` prints a float: with an exponent from a million on. */
function goNumberText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 2 ** 63) return String(value);
  const [digits = '', exponent = ''] = value.toExponential().split('e');
  const size = Number(exponent);
  if (size >= -4 && size < 6) return String(value);
  return `${digits}e${size < 0 ? '-' : '+'}${String(Math.abs(size)).padStart(2, '0')}`;
}

/** Returns how much of `room` is left. */
function print(value: unknown, pieces: string[], room: number): number {
  if (room <= 0) return room;
  const put = (text: string) => {
    pieces.push(text);
    room -= text.length;
  };
  if (value === null || value === undefined) put('<nil>');
  else if (typeof value === 'number') put(goNumberText(value));
  else if (typeof value !== 'object') put(String(value));
  else if (Array.isArray(value)) {
    put('[');
    for (let i = 0; i < value.length && room > 0; i++) {
      if (i > 0) put(' ');
      room = print(value[i], pieces, room);
    }
    put(']');
  } else {
    const fields = value as Record<string, unknown>;
    put('map[');
    for (const [i, key] of Object.keys(fields).sort().entries()) {
      if (room <= 0) break;
      put(`${i > 0 ? ' ' : ''}${key}:`);
      room = print(fields[key], pieces, room);
    }
    put(']');
  }
  return room;
}

/** As `%q` quotes a text: characters that are not printable are escaped. */
export function goQuoted(text: string): string {
  return `"${text.replace(/["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, escaped)}"`;
}

/** The characters that Go escapes by a letter, or by themselves, between double quotes. */
export const namedEscapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

function escaped(character: string): string {
  const code = character.codePointAt(0)!;
  const hex = code.toString(16);
  if (namedEscapes[character]) return namedEscapes[character];
  if (code < 0x20 || code === 0x7f) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}
