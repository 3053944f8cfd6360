/** Knows users by bearer tokens from a fixed table, as `--token-auth-file` does. */

import type { UserInfo } from '#api/meta/user.ts';
import type { TokenUsers } from './of-api-server.ts';

export function staticTokens(users: ReadonlyMap<string, UserInfo>): TokenUsers {
  return { name: 'static-token', userOf: (token) => users.get(token) };
}
