/** Knows users by bearer tokens from a fixed table, as `--token-auth-file` does. */

import { groupAuthenticated, type UserInfo } from '#api/meta/user.ts';
import type { Authenticator } from '../contract/authentication.ts';
import { bearerToken } from './bearer-token.ts';

export function staticTokenAuthenticator(users: ReadonlyMap<string, UserInfo>): Authenticator {
  const withGroup = (user: UserInfo) => ({ ...user, groups: [...user.groups, groupAuthenticated] });
  const byToken = new Map([...users].map(([token, user]) => [token, withGroup(user)]));
  return {
    name: 'static-token',
    authenticate(request) {
      const token = bearerToken(request);
      return token === undefined ? undefined : byToken.get(token);
    },
  };
}
