/** Hands requests to the chain: those of the network, and those from inside the process. */

import type { UserInfo } from '#api/meta/user.ts';
import { countedElsewhere } from '#base/metrics/metric.ts';
import type { Turns } from '#base/turns.ts';
import type { ApiRequest, Transport } from '#client/transport/transport.ts';
import type { Peer } from '../contract/authentication.ts';
import { registerMetrics } from '../contract/register-metrics.ts';
import type { Answerer } from '../http/take-requests.ts';
import { answerUpgrade } from '../http/upgrade.ts';
import { beginExchange, type Connection } from '../request/exchange.ts';
import { parseRequest } from '../request/parse-request.ts';
import { findSpecial } from '../subresources/find-special.ts';
import type { Serving } from './serving.ts';

export function answererOf({ chain, parts, extensions, metrics }: Serving): Answerer {
  let failedHandshakes = 0;
  registerMetrics(metrics, [
    countedElsewhere('apiserver_tls_handshake_errors_total', 'TLS handshakes that failed.', () => [
      [{}, failedHandshakes],
    ]),
  ]);
  return {
    answer(request, peer) {
      const receive = () => request.receive();
      const incomingBody = () => request.incomingBody();
      return chain.answer(beginExchange(parts, { request, peer, receive, incomingBody }));
    },
    connected: () => parts.steps.giveWay(),
    handshakeFailed: () => void failedHandshakes++,
    failed(error: Error): void {
      parts.env.log.error('an answer could not be sent', { error: error.stack ?? error.message });
    },
    mayUpgrade(method, url, protocol) {
      const info = parseRequest(method, url);
      if (info.verb === 'watch' && protocol.toLowerCase() === 'websocket') return true;
      return findSpecial(parts, info)?.upgrade !== undefined || extensions?.find(info) !== undefined;
    },
    upgrade(request, peer, message, socket, head) {
      const connection: Connection = { message, socket, head, isTakenOver: false };
      void answerUpgrade(chain, beginExchange(parts, { request, peer, connection }), connection);
    },
  };
}

/** Requests from inside the process wait for no socket, so they have to yield to other requests. */
export function inProcessTransport({ chain, parts }: Serving, user: UserInfo, turns: Turns): Transport {
  const peer: Peer = {};
  const serve = (request: ApiRequest) => chain.answer(beginExchange(parts, { request, peer, user }));
  return {
    request: (request) => (turns.isSpent ? turns.next().then(() => serve(request)) : serve(request)),
    close: async () => {},
  };
}
