/**
 * Reads the body of a request from the network: after authorization, so that no memory is spent on a request
 * that is rejected. A large YAML body is parsed by another thread.
 */

import type { ExtensionServers } from '../aggregation/extension-servers.ts';
import type { Exchange } from '../request/exchange.ts';
import { isLargeYaml, type LargeYamlReader } from '../request/large-yaml.ts';
import type { Stage } from './stage.ts';

export function body(largeYaml: LargeYamlReader, extensions?: ExtensionServers): Stage {
  return {
    name: 'body',
    enter(exchange) {
      const { info } = exchange;
      // What is passed on is streamed, without a limit.
      const isPassedOn = info.subresource === 'proxy' || extensions?.find(info) !== undefined;
      const received = isPassedOn ? undefined : exchange.receive?.();
      return received ? received.then(() => inTurn(largeYaml, exchange)) : parseLarge(largeYaml, exchange);
    },
  };
}

function inTurn(reader: LargeYamlReader, exchange: Exchange): Promise<undefined> | undefined {
  const turn = exchange.turn?.received(exchange.request.body?.length ?? 0);
  return turn ? turn.then(() => parseLarge(reader, exchange)) : parseLarge(reader, exchange);
}

function parseLarge(reader: LargeYamlReader, exchange: Exchange): Promise<undefined> | undefined {
  const { body, headers } = exchange.request;
  if (!body || !isLargeYaml(body, headers['content-type'])) return undefined;
  return reader.read(body, exchange.user.name).then((found) => {
    exchange.largeYaml = found;
    return undefined;
  });
}
