/**
 * JSON as Go's encoding/json writes it: characters that are special in HTML are escaped, and the keys of a
 * map are sorted.
 */

/** A value that Go holds as a map, such as an unstructured object. */
export function goJson(value: unknown): string {
  return escapeForHtml(encode(value));
}

/** A value that Go holds as a struct: fields in the given order. */
export function goStructJson(value: unknown): string {
  return escapeForHtml(JSON.stringify(value));
}

function escapeForHtml(json: string): string {
  return json.replace(misread, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const misread = /[<>&\u2028\u2029]/g;

/**
 * Objects are written by hand: a JavaScript object would put keys that look like integers first, in any
 * insertion order.
 */
function encode(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  if (Array.isArray(value)) return `[${value.map(encode).join(',')}]`;
  const fields: string[] = [];
  for (const key of Object.keys(value).sort()) {
    const field = (value as Record<string, unknown>)[key];
    if (field !== undefined) fields.push(`${JSON.stringify(key)}:${encode(field)}`);
  }
  return `{${fields.join(',')}}`;
}
