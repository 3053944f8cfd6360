/** Whom a request wants to act as: the Impersonate-* headers, as they are written. */

import { badRequest } from '#api/meta/status.ts';
import type { ApiRequest } from '#client/transport/transport.ts';
import { goQuoted } from '#wire/json/go-values.ts';
import { headersAfter, headerValues } from '../../contract/header-values.ts';

const extraPrefix = 'impersonate-extra-';

export interface WantedUser {
  readonly name: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** Undefined without impersonation. Throws a 400 when the user is missing. */
export function wantedUser(request: ApiRequest): WantedUser | undefined {
  const first = (name: string) => headerValues(request, name)[0] ?? '';
  const wanted = {
    name: first('impersonate-user'),
    uid: first('impersonate-uid'),
    groups: headerValues(request, 'impersonate-group'),
    extra: headersAfter(request, extraPrefix),
  };
  if (wanted.name !== '') return wanted;
  if (wanted.uid === '' && wanted.groups.length === 0 && Object.keys(wanted.extra).length === 0) {
    return undefined;
  }
  throw badRequest(`requested ${goSyntax(wanted)} without impersonating a user name`);
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
