/** Authenticates by the bearer token of a request: an unknown token is a 401, even with other credentials. */

import { unauthorized } from '#api/meta/status.ts';
import {
  type Authenticator,
  BadToken,
  type KnownToken,
  type TokenAuthenticator,
} from '../contract/authentication.ts';
import { bearerToken } from './bearer-token.ts';

export function bearerTokenAuthenticator(
  tokens: TokenAuthenticator,
  apiAudiences: readonly string[],
): Authenticator {
  return {
    name: 'bearer-token',
    authenticate(request, _peer, warn) {
      const token = bearerToken(request);
      if (token === undefined) return undefined;
      const userOf = (found: KnownToken | undefined) => {
        if (!found) throw unauthorized();
        if (found.warning !== undefined) warn?.(found.warning);
        return found.user;
      };
      try {
        const found = tokens.authenticate(token, apiAudiences);
        return found instanceof Promise ? found.catch(refused).then(userOf) : userOf(found);
      } catch (error) {
        return refused(error);
      }
    },
  };
}

function refused(error: unknown): never {
  throw error instanceof BadToken ? unauthorized() : error;
}
