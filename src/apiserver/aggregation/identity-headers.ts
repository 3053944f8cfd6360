/** The `X-Remote-*` headers with the user of a proxied request, as a front proxy sends them. */

import type { UserInfo } from '#api/meta/user.ts';

/** Characters of a header's name that need no escape; `%` begins an escape. */
const plainInNames = /[A-Za-z0-9!#$&'*+\-.^_`|~]/;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are refused.
const notInValues = /[\u0000-\u0008\u000a-\u001f\u007f]/;

/** Throws for a value with control characters. */
export function identityHeaders({ name, uid, groups, extra = {} }: UserInfo): Record<string, string[]> {
  const headers: Record<string, string[]> = { 'X-Remote-User': [name] };
  if (uid) headers['X-Remote-Uid'] = [uid];
  if (groups.length > 0) headers['X-Remote-Group'] = [...groups];
  for (const [key, values] of Object.entries(extra)) {
    if (values.length > 0) headers[`X-Remote-Extra-${escapedKey(key)}`] = [...values];
  }
  return Object.fromEntries(
    Object.entries(headers).map(([header, values]) => [
      header,
      values.map((value) => asBytes(header, value)),
    ]),
  );
}

/** As a flat list: name, value, name, value. */
export function identityLines(user: UserInfo): string[] {
  return Object.entries(identityHeaders(user)).flatMap(([name, values]) =>
    values.flatMap((value) => [name, value]),
  );
}

function escapedKey(key: string): string {
  let text = '';
  for (const byte of Buffer.from(key)) {
    const character = String.fromCharCode(byte);
    const escaped = `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    text += plainInNames.test(character) ? character : escaped;
  }
  return text;
}

/** A header holds bytes, of which Node.js makes characters of one byte each. */
function asBytes(header: string, value: string): string {
  if (notInValues.test(value)) throw new Error(`net/http: invalid header field value for "${header}"`);
  return Buffer.from(value).toString('latin1');
}
