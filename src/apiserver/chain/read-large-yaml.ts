/** A large body of YAML is read by another thread, before all that is done at once with a request. */

import type { Exchange } from '../request/exchange.ts';
import { isLargeYaml } from '../request/large-yaml.ts';

export function readLargeYaml(exchange: Exchange): Promise<undefined> | undefined {
  const { body, headers } = exchange.request;
  if (!body || !isLargeYaml(body, headers['content-type'])) return undefined;
  return exchange.core.largeYaml.read(body, exchange.user.name).then((found) => {
    exchange.largeYaml = found;
    return undefined;
  });
}
