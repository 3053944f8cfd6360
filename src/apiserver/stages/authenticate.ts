/** Finds out who asks. */

import { unauthorized } from '#api/status.ts';
import { anonymous } from '#api/user.ts';
import type { Exchange } from '../exchange.ts';

export async function authenticate(exchange: Exchange): Promise<undefined> {
  for (const authenticator of exchange.core.authenticators) {
    const found = authenticator.authenticate(exchange.request, exchange.peer);
    const user = found instanceof Promise ? await found : found;
    if (user === anonymous && exchange.peer.hasBadCertificate) throw unauthorized();
    if (user) {
      exchange.user = user;
      return undefined;
    }
  }
  throw unauthorized();
}
