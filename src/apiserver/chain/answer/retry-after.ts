/**
 * With --shutdown-send-retry-after, a server that stops goes on listening as long as requests are under way, and asks
 * all others to come again later. Health checks and metrics are answered to the end.
 */

import { textResponse } from '../../codec/encode/json-response.ts';
import type { Shutdown } from '../../flowcontrol/shutdown/shutdown.ts';
import type { Exchange } from '../../request/exchange.ts';
import type { Stage } from '../stage.ts';

const servedPaths = ['/readyz', '/livez', '/healthz', '/metrics'];
const message = 'The apiserver is shutting down, please try again later.\n';

export function retryAfter(shutdown: Shutdown): Stage {
  return {
    name: 'retry-after',
    isInstant: true,
    callers: 'outside',
    enter(exchange) {
      if (!shutdown.isRefusing || isServedToTheEnd(exchange)) return undefined;
      const { headers, ...response } = textResponse(429, message);
      return { ...response, headers: { ...headers, 'retry-after': '5' }, isLast: true };
    },
  };
}

export function isServedToTheEnd({ info, request }: Exchange): boolean {
  const isServer = request.headers['user-agent']?.startsWith('kube-apiserver/') === true;
  return isServer || servedPaths.some((path) => info.path.startsWith(path));
}
