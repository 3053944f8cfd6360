/**
 * Lets pages of the allowed origins use the API from a browser (CORS). A preflight is answered at once: it has no
 * credentials.
 */

import { originMatcher } from '#api/configuration/arguments/origin-patterns.ts';
import type { Exchange } from '../../request/exchange.ts';
import type { Stage } from '../stage.ts';

const headersOfAllowed = {
  'access-control-allow-methods': 'POST, GET, OPTIONS, PUT, DELETE, PATCH',
  'access-control-allow-headers':
    'Content-Type, Content-Length, Accept-Encoding, X-CSRF-Token, Authorization, X-Requested-With, If-Modified-Since',
  'access-control-expose-headers': 'Date',
  'access-control-allow-credentials': 'true',
};

export function cors(patterns: readonly string[]): Stage {
  const isAllowed = originMatcher(patterns);
  const allowed = ({ request }: Exchange) => {
    const { origin } = request.headers;
    return origin && isAllowed(origin) ? origin : undefined;
  };
  return {
    name: 'cors',
    isInstant: true,
    callers: 'outside',
    enter(exchange) {
      if (exchange.request.method !== 'OPTIONS' || allowed(exchange) === undefined) return undefined;
      return { status: 204, headers: {}, body: [] };
    },
    leave(exchange, answer) {
      const origin = allowed(exchange);
      if (origin === undefined) return;
      Object.assign(answer.headers, { 'access-control-allow-origin': origin, ...headersOfAllowed });
    },
  };
}
