/**
 * The place of auditing. What a request asked for, and for whom, is known where its answer leaves: also that of a request
 * whose authentication failed, of a watch when it begins, of a connection when it is handed over.
 */

import type { ApiResponse } from '#client/transport/transport.ts';
import type { Exchange } from '../../request/exchange.ts';
import type { Stage } from '../stage.ts';

export interface AuditBackend {
  /** Each request is answered once. */
  answered(exchange: Exchange, answer: ApiResponse): void;
}

export function audit(backend: AuditBackend | undefined): Stage {
  return {
    name: 'audit',
    ...(backend ? { leave: (exchange, answer) => backend.answered(exchange, answer) } : {}),
  };
}
