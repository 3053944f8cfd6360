/** Kinds of tokens that say nothing of audiences: they are meant for the API server, and for nothing else. */

import { anonymous, groupAuthenticated, groupUnauthenticated, type UserInfo } from '#api/meta/user.ts';
import type { KnownToken, TokenAuthenticator } from '../../contract/authentication.ts';

type User = UserInfo | undefined;

/** Knows the users of one kind of token; throws `BadToken`. */
export interface TokenUsers {
  readonly name: string;
  userOf(token: string): User | Promise<User>;
}

/** Where the API server is not among the wanted audiences another kind may know the token. */
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

/** Every authenticated user is in this group. */
export function withAuthenticated(user: UserInfo): UserInfo {
  const { name, groups } = user;
  if (name === anonymous.name) return user;
  if (groups.includes(groupAuthenticated) || groups.includes(groupUnauthenticated)) return user;
  return { ...user, groups: [...groups, groupAuthenticated] };
}
