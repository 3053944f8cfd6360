/**
 * Lets in who shows no credentials at all, as `system:anonymous`. What that user may see is RBAC's business
 * (`system:public-info-viewer`). Comes last: an unknown bearer token is a 401, not an anonymous request. Any
 * other scheme of Authorization is no credential here.
 */

import { unauthorized } from '#api/meta/status.ts';
import { anonymous } from '#api/meta/user.ts';
import type { Authenticator } from '../contract/authentication.ts';
import { bearerToken } from './bearer-token.ts';

export const anonymousAuthenticator: Authenticator = {
  name: 'anonymous',
  authenticate(request) {
    if (bearerToken(request) !== undefined) throw unauthorized();
    return anonymous;
  },
};
