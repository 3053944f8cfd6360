/**
 * The ways to be authorized to impersonate, in upstream's order: as the node that the caller runs on, as any
 * node, as a ServiceAccount, as another user, each only for the verb of the request
 * (`impersonate-on:MODE:VERB`); and, as before these modes existed, for every verb (`impersonate`).
 */

import { groupNodes, groupServiceAccounts, type UserInfo } from '#api/meta/user.ts';
import { dns1123Label, dns1123Subdomain } from '#api/validation/validators.ts';
import type { WantedUser } from './wanted-user.ts';

export interface Mode {
  readonly name: string;
  /** Is this a way to become that user at all? */
  applies(wanted: WantedUser, requestor: UserInfo): boolean;
}

const nodePrefix = 'system:node:';
const accountPrefix = 'system:serviceaccount:';
const nodeNameKey = 'authentication.kubernetes.io/node-name';

export const associatedNode = 'associated-node';

export const constrainedModes: readonly Mode[] = [
  {
    name: associatedNode,
    applies: (wanted, requestor) =>
      isNameOnly(wanted) &&
      nodeOf(wanted.name) !== undefined &&
      nodeOfAccount(requestor) === nodeOf(wanted.name),
  },
  { name: 'arbitrary-node', applies: (wanted) => isNameOnly(wanted) && nodeOf(wanted.name) !== undefined },
  { name: 'serviceaccount', applies: (wanted) => isNameOnly(wanted) && accountOf(wanted.name) !== undefined },
  {
    name: 'user-info',
    applies: ({ name }) => nodeOf(name) === undefined && accountOf(name) === undefined,
  },
];

function isNameOnly({ uid, groups, extra }: WantedUser): boolean {
  return uid === '' && groups.length === 0 && Object.keys(extra).length === 0;
}

/** The node that a user's name is of. */
export function nodeOf(name: string): string | undefined {
  if (!name.startsWith(nodePrefix)) return undefined;
  const node = name.slice(nodePrefix.length);
  return dns1123Subdomain(node).length === 0 ? node : undefined;
}

/** The ServiceAccount that a user's name is of. */
export function accountOf(name: string): { namespace: string; name: string } | undefined {
  if (!name.startsWith(accountPrefix)) return undefined;
  const [namespace = '', account = '', ...more] = name.slice(accountPrefix.length).split(':');
  const isName = dns1123Label(namespace).length === 0 && dns1123Subdomain(account).length === 0;
  return isName && more.length === 0 ? { namespace, name: account } : undefined;
}

/** The node of the pod whose token a ServiceAccount shows. */
export function nodeOfAccount({ name, extra }: UserInfo): string | undefined {
  const nodes = extra?.[nodeNameKey] ?? [];
  return accountOf(name) && nodes.length === 1 ? nodes[0] : undefined;
}

/** The groups that come with a user name when the request names no groups. */
export function ownGroups(wanted: WantedUser, isConstrained: boolean): readonly string[] {
  if (wanted.groups.length > 0) return wanted.groups;
  const account = accountOf(wanted.name);
  if (account) return [groupServiceAccounts, `${groupServiceAccounts}:${account.namespace}`];
  return isConstrained && nodeOf(wanted.name) !== undefined ? [groupNodes] : [];
}
