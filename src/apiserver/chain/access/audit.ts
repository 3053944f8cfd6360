/**
 * Gives the response of every request to the audit backend: also of a request whose authentication failed, of
 * a watch when it begins, and of a connection when a handler has taken it over.
 */

import type { ApiResponse } from '#client/transport/transport.ts';
import type { Exchange } from '../../request/exchange.ts';
import type { Stage } from '../stage.ts';

export interface AuditBackend {
  /** Called once for each request. The user of a failed authentication is anonymous. */
  answered(exchange: Exchange, answer: ApiResponse): void;
}

export function audit(backend: AuditBackend | undefined): Stage {
  return {
    name: 'audit',
    ...(backend ? { leave: (exchange, answer) => backend.answered(exchange, answer) } : {}),
  };
}
