/** JSON values as the messages of Go programs name and print them. */

/** What encoding/json says it found: `string`, `number`, `bool`, `array`, `object`. */
export function goJsonType(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** The type of the Go value that a JSON value becomes where nothing says otherwise. */
export function goTypeOf(value: unknown): string {
  if (Array.isArray(value)) return '[]interface {}';
  if (value === null || value === undefined) return '<nil>';
  if (typeof value === 'object') return 'map[string]interface {}';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return goJsonType(value);
}

/** No message shows more of a value; its sender knows the rest. */
export const shownLengthMax = 16 * 1024;

export function cutText(text: string): string {
  return text.length > shownLengthMax ? `${text.slice(0, shownLengthMax)}...` : text;
}

/** As `%+v` prints it: `map[data:map[x:5]]`. What is very long is cut. */
export function goValueText(value: unknown): string {
  const pieces: string[] = [];
  const room = print(value, pieces, shownLengthMax);
  return room > 0 ? pieces.join('') : `${pieces.join('').slice(0, shownLengthMax)}...`;
}

/** Returns what is left of `room`. */
function print(value: unknown, pieces: string[], room: number): number {
  if (room <= 0) return room;
  const put = (text: string) => {
    pieces.push(text);
    room -= text.length;
  };
  if (value === null || value === undefined) put('<nil>');
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

/** As `%q` quotes a text: what cannot be printed is escaped. */
export function goQuoted(text: string): string {
  return `"${text.replace(/["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, escaped)}"`;
}

const namedEscapes: Readonly<Record<string, string>> = {
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

function escaped(sign: string): string {
  const code = sign.codePointAt(0)!;
  const hex = code.toString(16);
  if (namedEscapes[sign]) return namedEscapes[sign];
  if (code < 0x20 || code === 0x7f) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}
