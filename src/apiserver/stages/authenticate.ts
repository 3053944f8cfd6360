/** Finds out who asks. Every request passes here: without a promise when no authenticator needs one. */

import { unauthorized } from '#api/status.ts';
import { anonymous, type UserInfo } from '#api/user.ts';
import type { Exchange } from '../exchange.ts';

export function authenticate(exchange: Exchange, from = 0): undefined | Promise<undefined> {
  const { core, request, peer } = exchange;
  for (let i = from; i < core.authenticators.length; i++) {
    const user = core.authenticators[i]!.authenticate(request, peer);
    if (user instanceof Promise) {
      return user.then((known) => (accept(exchange, known) ? undefined : authenticate(exchange, i + 1)));
    }
    if (accept(exchange, user)) return undefined;
  }
  throw unauthorized();
}

function accept(exchange: Exchange, user: UserInfo | undefined): boolean {
  if (!user) return false;
  if (user === anonymous && exchange.peer.hasBadCertificate) throw unauthorized();
  exchange.user = user;
  return true;
}
