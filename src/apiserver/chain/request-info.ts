/**
 * Reads method and URL, and refuses a request whose URL has no meaning with the problem that its reading
 * found.
 */

import { parseRequest } from '../request/parse-request.ts';
import type { Stage } from './stage.ts';

export const requestInfo: Stage = {
  name: 'request-info',
  enter(exchange) {
    const { method, path } = exchange.request;
    exchange.info = parseRequest(method, path);
    if (exchange.info.problem) throw exchange.info.problem;
  },
};
