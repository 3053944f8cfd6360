/** Lets those who may act as somebody else do so: the Impersonate-* headers. */

import { badRequest, forbidden } from '#api/status.ts';
import { groupAuthenticated, groupServiceAccounts, groupUnauthenticated, type UserInfo } from '#api/user.ts';
import { decide } from '../authorize-request.ts';
import type { Exchange } from '../exchange.ts';

const extraPrefix = 'impersonate-extra-';

interface Wanted {
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
}

export function impersonate(exchange: Exchange): Promise<undefined> | undefined {
  for (const header in exchange.request.headers) {
    if (header.startsWith('impersonate-')) return impersonateAs(exchange);
  }
  return undefined;
}

async function impersonateAs(exchange: Exchange): Promise<undefined> {
  const { headers } = exchange.request;
  const name = headers['impersonate-user'] ?? '';
  const groups = listOf(headers['impersonate-group']);
  const uid = headers['impersonate-uid'] ?? '';
  const extra = extraOf(headers);
  if (name === '') {
    if (groups.length === 0 && uid === '' && Object.keys(extra).length === 0) return;
    throw badRequest('requested impersonation without impersonating a user');
  }
  for (const wanted of [
    userWanted(name),
    ...groups.map(groupWanted),
    ...uidWanted(uid),
    ...extraWanted(extra),
  ]) {
    await assertMay(exchange, wanted);
  }
  exchange.user = impersonated(name, groups, uid, extra);
}

function userWanted(name: string): Wanted {
  const [, , namespace, account] = name.split(':');
  if (name.startsWith('system:serviceaccount:') && namespace && account) {
    return { group: '', resource: 'serviceaccounts', subresource: '', namespace, name: account };
  }
  return { group: '', resource: 'users', subresource: '', namespace: '', name };
}

function groupWanted(name: string): Wanted {
  return { group: '', resource: 'groups', subresource: '', namespace: '', name };
}

function uidWanted(uid: string): Wanted[] {
  if (uid === '') return [];
  return [{ group: 'authentication.k8s.io', resource: 'uids', subresource: '', namespace: '', name: uid }];
}

function extraWanted(extra: Record<string, string[]>): Wanted[] {
  return Object.entries(extra).flatMap(([key, values]) =>
    values.map((name) => ({
      group: 'authentication.k8s.io',
      resource: 'userextras',
      subresource: key,
      namespace: '',
      name,
    })),
  );
}

async function assertMay(exchange: Exchange, wanted: Wanted): Promise<void> {
  const attributes = {
    user: exchange.user,
    verb: 'impersonate',
    isResource: true,
    path: '',
    version: '',
    ...wanted,
  };
  const { decision, reason } = await decide(exchange.core.authorizers, attributes);
  if (decision !== 'allow')
    throw forbidden(
      { group: wanted.group, resource: wanted.resource },
      wanted.name,
      whyNot(attributes, reason),
    );
}

function whyNot(attributes: Wanted & { user: UserInfo }, reason: string): string {
  const resource = attributes.subresource
    ? `${attributes.resource}/${attributes.subresource}`
    : attributes.resource;
  const where = attributes.namespace ? `in the namespace "${attributes.namespace}"` : 'at the cluster scope';
  const text = `User "${attributes.user.name}" cannot impersonate resource "${resource}" in API group "${attributes.group}" ${where}`;
  return reason ? `${text}: ${reason}` : text;
}

function impersonated(
  name: string,
  groups: string[],
  uid: string,
  extra: Record<string, string[]>,
): UserInfo {
  const all = [...groups];
  const [, , namespace] = name.split(':');
  if (name.startsWith('system:serviceaccount:') && groups.length === 0) {
    all.push(groupServiceAccounts, `${groupServiceAccounts}:${namespace}`);
  }
  const isAnonymous = name === 'system:anonymous';
  const known = isAnonymous ? groupUnauthenticated : groupAuthenticated;
  if (!all.includes(groupAuthenticated) && !all.includes(groupUnauthenticated)) all.push(known);
  return {
    name,
    groups: all,
    ...(uid ? { uid } : {}),
    ...(Object.keys(extra).length > 0 ? { extra } : {}),
  };
}

function extraOf(headers: Readonly<Record<string, string>>): Record<string, string[]> {
  const extra: Record<string, string[]> = {};
  for (const [header, value] of Object.entries(headers)) {
    if (header.startsWith(extraPrefix)) {
      extra[decodeURIComponent(header.slice(extraPrefix.length))] = listOf(value);
    }
  }
  return extra;
}

/** Several headers of one name arrive joined by commas. */
function listOf(value: string | undefined): string[] {
  return value
    ? value
        .split(',')
        .map((one) => one.trim())
        .filter((one) => one !== '')
    : [];
}
