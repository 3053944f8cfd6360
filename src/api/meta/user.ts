/** The user of a request, as authenticated and authorized. */

export interface UserInfo {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

export const groupMasters = 'system:masters';
export const groupAuthenticated = 'system:authenticated';
export const groupUnauthenticated = 'system:unauthenticated';
export const groupNodes = 'system:nodes';
export const groupServiceAccounts = 'system:serviceaccounts';
/** The API server itself, for what it writes of its own. */
export const apiserverUser: UserInfo = {
  name: 'system:apiserver',
  groups: [groupMasters, groupAuthenticated],
};
export const anonymous: UserInfo = { name: 'system:anonymous', groups: [groupUnauthenticated] };

/** The user of a ServiceAccount: `system:serviceaccount:<namespace>:<name>`. */
export function serviceAccountUser(namespace: string, name: string, uid?: string): UserInfo {
  return {
    name: `system:serviceaccount:${namespace}:${name}`,
    ...(uid === undefined ? {} : { uid }),
    groups: [groupServiceAccounts, `${groupServiceAccounts}:${namespace}`, groupAuthenticated],
  };
}
