/**
 * Authenticates requests without credentials as `system:anonymous`. RBAC decides what that user may read
 * (`system:public-info-viewer`). The last authenticator: an unknown bearer token is a 401, not an anonymous request.
 * Other schemes of Authorization are no credentials here.
 */

import { unauthorized } from '#api/meta/status.ts';
import { anonymous } from '#api/meta/user.ts';
import type { Authenticator } from '../contract/authentication.ts';
import { bearerToken } from './bearer-token.ts';

/** `paths`: the paths that need no credentials; default all. */
export function anonymousOn(paths?: ReadonlySet<string>): Authenticator {
  return {
    name: 'anonymous',
    authenticate(request) {
      if (bearerToken(request) !== undefined) throw unauthorized();
      return paths && !paths.has(pathOf(request.path)) ? undefined : anonymous;
    },
  };
}

export const anonymousAuthenticator = anonymousOn();

/** Decoded, without the query. */
function pathOf(url: string): string {
  const path = url.split('?', 1)[0]!;
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
