/** The headers by which an extension API server learns on whose behalf a request comes, as a front proxy sends them. */

import type { UserInfo } from '#api/meta/user.ts';

/** What may stand in a header's name as it is; `%` begins an escape. */
const plainInNames = /[A-Za-z0-9!#$&'*+\-.^_`|~]/;

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const notInValues = /[\u0000-\u0008\u000a-\u001f\u007f]/;

/** Throws for a user whose name cannot be sent. */
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

/** Name and value in turn. */
export function identityLines(user: UserInfo): string[] {
  return Object.entries(identityHeaders(user)).flatMap(([name, values]) =>
    values.flatMap((value) => [name, value]),
  );
}

function escapedKey(key: string): string {
  let text = '';
  for (const byte of Buffer.from(key)) {
    const sign = String.fromCharCode(byte);
    text += plainInNames.test(sign) ? sign : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return text;
}

/** A header holds bytes, of which Node.js makes characters of one byte each. */
function asBytes(header: string, value: string): string {
  if (notInValues.test(value)) throw new Error(`net/http: invalid header field value for "${header}"`);
  return Buffer.from(value).toString('latin1');
}
