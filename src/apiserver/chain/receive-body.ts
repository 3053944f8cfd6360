/** Reads the body of a request from the network, once its caller is known and may ask: not for just anybody. */

import type { Exchange } from '../request/exchange.ts';

export function receiveBody(exchange: Exchange): undefined | Promise<undefined> {
  // A proxy passes it on as it comes, however long it is.
  if (exchange.info.subresource === 'proxy') return undefined;
  return exchange.receive?.();
}
