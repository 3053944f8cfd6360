/** A large body of YAML is read by another thread, before all that is done at once with a request. */

import { isLargeYaml } from '../decode/large-yaml.ts';
import type { Exchange } from '../exchange.ts';

export function readLargeYaml(exchange: Exchange): Promise<undefined> | undefined {
  const { body, headers } = exchange.request;
  if (!body || !isLargeYaml(body, headers['content-type'])) return undefined;
  return exchange.core.largeYaml.read(body, exchange.user.name).then((found) => {
    exchange.largeYaml = found;
    return undefined;
  });
}
