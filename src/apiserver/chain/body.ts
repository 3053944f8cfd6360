/**
 * Reads the body of a request from the network, once its caller is known and may ask: not for just anybody. A large one of
 * YAML is parsed by another thread, before all that is done at once with a request.
 */

import type { Exchange } from '../request/exchange.ts';
import { isLargeYaml, type LargeYamlReader } from '../request/large-yaml.ts';
import type { Stage } from './stage.ts';

export function body(largeYaml: LargeYamlReader): Stage {
  return {
    name: 'body',
    enter(exchange) {
      // A proxy passes it on as it comes, however long it is.
      const received = exchange.info.subresource === 'proxy' ? undefined : exchange.receive?.();
      return received
        ? received.then(() => parseLarge(largeYaml, exchange))
        : parseLarge(largeYaml, exchange);
    },
  };
}

function parseLarge(reader: LargeYamlReader, exchange: Exchange): Promise<undefined> | undefined {
  const { body, headers } = exchange.request;
  if (!body || !isLargeYaml(body, headers['content-type'])) return undefined;
  return reader.read(body, exchange.user.name).then((found) => {
    exchange.largeYaml = found;
    return undefined;
  });
}
