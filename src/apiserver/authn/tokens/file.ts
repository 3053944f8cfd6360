/**
 * Reads the file of `--token-auth-file`: CSV, a token a line, with user name, UID and, in quotes, groups.
 */

import type { UserInfo } from '#api/meta/user.ts';
import type { Log } from '#base/log.ts';

/** Throws for a line with less than three columns, and for a quote that is out of place. */
export function readTokenFile(path: string, text: string, log: Log): ReadonlyMap<string, UserInfo> {
  const users = new Map<string, UserInfo>();
  for (const [index, [token = '', name = '', uid = '', ...rest]] of records(path, text).entries()) {
    const number = index + 1;
    if (token === '') {
      log.warn('an empty token is ignored', { file: path, record: number });
      continue;
    }
    if (users.has(token)) {
      log.warn('a token occurs twice: its last line is used', { file: path, record: number });
    }
    users.set(token, { name, uid, groups: rest[0]?.split(',') ?? [] });
  }
  return users;
}

function records(path: string, text: string): string[][] {
  const found: string[][] = [];
  for (let at = 0; at < text.length; ) {
    const record: string[] = [];
    at = readRecord(path, text, at, record);
    if (record.length === 1 && record[0] === '') continue;
    if (record.length < 3) {
      throw new Error(
        `token file '${path}' must have at least 3 columns (token, user name, user uid), found ${record.length}`,
      );
    }
    found.push(record);
  }
  return found;
}

/** Returns the index at which the next record begins. */
function readRecord(path: string, text: string, from: number, record: string[]): number {
  let at = from;
  for (;;) {
    const field = text[at] === '"' ? quotedField : plainField;
    field.lastIndex = at;
    const [whole, value] = field.exec(text) ?? [];
    if (whole === undefined || value === undefined) {
      throw new Error(`token file '${path}' has a bare or unclosed "`);
    }
    record.push(field === quotedField ? value.replaceAll('""', '"') : value);
    at += whole.length;
    if (text[at] === ',') at++;
    else return at + (text.startsWith('\r\n', at) ? 2 : 1);
  }
}

const plainField = /([^",\r\n]*)(?=,|\r?\n|$)/y;
const quotedField = /"((?:[^"]|"")*)"(?=,|\r?\n|$)/y;
