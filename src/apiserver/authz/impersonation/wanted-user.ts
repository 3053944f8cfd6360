/** Whom a request wants to act as: the Impersonate-* headers, as they are written. */

import { badRequest } from '#api/meta/status.ts';
import type { ApiRequest } from '#client/transport/transport.ts';
import { goQuoted } from '#wire/json/go-values.ts';

const extraPrefix = 'impersonate-extra-';

export interface WantedUser {
  readonly name: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** Undefined without impersonation. Throws a 400 when the user is missing. */
export function wantedUser(request: ApiRequest): WantedUser | undefined {
  const first = (name: string) => valuesOf(request, name)[0] ?? '';
  const wanted = {
    name: first('impersonate-user'),
    uid: first('impersonate-uid'),
    groups: valuesOf(request, 'impersonate-group'),
    extra: extraOf(request),
  };
  if (wanted.name !== '') return wanted;
  if (wanted.uid === '' && wanted.groups.length === 0 && Object.keys(wanted.extra).length === 0) {
    return undefined;
  }
  throw badRequest(`requested ${goSyntax(wanted)} without impersonating a user name`);
}

/** Each line of the header is one value, whatever commas are in it. */
function valuesOf(request: ApiRequest, name: string): readonly string[] {
  const value = request.headers[name];
  if (value === undefined) return [];
  return request.linesOf?.(name) ?? [value];
}

function extraOf(request: ApiRequest): Record<string, readonly string[]> {
  const extra: Record<string, readonly string[]> = Object.create(null);
  for (const header in request.headers) {
    if (!header.startsWith(extraPrefix)) continue;
    const key = unescaped(header.slice(extraPrefix.length));
    extra[key] = [...(extra[key] ?? []), ...valuesOf(request, header)];
  }
  return extra;
}

/** Invalid percent escapes are kept. */
function unescaped(key: string): string {
  if (!/^(?:[^%]|%[0-9a-f]{2})*$/i.test(key)) return key;
  const bytes = key.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString();
}

/** As Go prints the struct that upstream keeps this in. */
function goSyntax({ name, uid, groups, extra }: WantedUser): string {
  const list = (values: readonly string[]) =>
    values.length > 0 ? `[]string{${values.map(goQuoted).join(', ')}}` : '[]string(nil)';
  const keys = Object.keys(extra).sort();
  const entries = keys.map((key) => `${goQuoted(key)}:${list(extra[key]!)}`);
  const type = 'map[string][]string';
  const map = keys.length > 0 ? `${type}{${entries.join(', ')}}` : `${type}(nil)`;
  return `&user.DefaultInfo{Name:${goQuoted(name)}, UID:${goQuoted(uid)}, Groups:${list(groups)}, Extra:${map}}`;
}
