/** Token authenticators without audiences: their tokens have the API server's audiences only. */

import { anonymous, groupAuthenticated, groupUnauthenticated, type UserInfo } from '#api/meta/user.ts';
import type { KnownToken, TokenAuthenticator } from '../../contract/authentication.ts';

type User = UserInfo | undefined;

/** Authenticates one kind of token; throws `BadToken`. */
export interface TokenUsers {
  readonly name: string;
  userOf(token: string): User | Promise<User>;
}

/** Undefined if the wanted audiences do not include the API server: another authenticator may know the token. */
export function apiTokens({ name, userOf }: TokenUsers, apiAudiences: readonly string[]): TokenAuthenticator {
  return {
    name,
    authenticate(token, wanted) {
      const audiences = apiAudiences.filter((audience) => wanted.includes(audience));
      if (audiences.length === 0) return undefined;
      const known = (user: User): KnownToken | undefined =>
        user && { user: withAuthenticated(user), audiences };
      const user = userOf(token);
      return user instanceof Promise ? user.then(known) : known(user);
    },
  };
}

/** Adds system:authenticated to the groups, as of every authenticated user. */
export function withAuthenticated(user: UserInfo): UserInfo {
  const { name, groups } = user;
  if (name === anonymous.name) return user;
  if (groups.includes(groupAuthenticated) || groups.includes(groupUnauthenticated)) return user;
  return { ...user, groups: [...groups, groupAuthenticated] };
}
