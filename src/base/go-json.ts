/** JSON as encoding/json writes a value it has read before: keys in order, and signs that HTML could misread escaped. */

export function goJson(value: unknown): string {
  return encode(value).replace(misread, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
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
