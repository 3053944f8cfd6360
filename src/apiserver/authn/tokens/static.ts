/** Authenticates bearer tokens of a fixed table, such as the file of `--token-auth-file`. */

import type { UserInfo } from '#api/meta/user.ts';
import type { TokenUsers } from './of-api-server.ts';

export function staticTokens(users: ReadonlyMap<string, UserInfo>): TokenUsers {
  return { name: 'static-token', userOf: (token) => users.get(token) };
}
