/** JSON as Go's encoding/json writes it: what HTML could misread is escaped, and the keys of a map are in order. */

/** A value that Go holds as a map, such as an object it has read before. */
export function goJson(value: unknown): string {
  return escapeForHtml(encode(value));
}

/** A value that Go holds as a struct: its fields in the order in which they are given. */
export function goStructJson(value: unknown): string {
  return escapeForHtml(JSON.stringify(value));
}

function escapeForHtml(json: string): string {
  return json.replace(misread, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const misread = /[<>&\u2028\u2029]/g;

/** By hand for objects: a JavaScript object would put keys that look like numbers first, whatever order they are given in. */
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
