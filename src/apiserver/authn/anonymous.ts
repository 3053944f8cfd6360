/**
 * Lets in who shows no credentials at all, as `system:anonymous`. What that user may see is RBAC's business
 * (`system:public-info-viewer`). Comes last: an unknown bearer token is a 401, not an anonymous request. Any
 * other scheme of Authorization is no credential here.
 */

import { unauthorized } from '#api/meta/status.ts';
import { anonymous } from '#api/meta/user.ts';
import type { Authenticator } from '../contract/authentication.ts';
import { bearerToken } from './bearer-token.ts';

/** `paths`: the only ones that need no credentials; default all. */
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
