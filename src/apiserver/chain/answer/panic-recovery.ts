/** Makes a response of an error that a stage throws: its Status, or a logged 500 for an unexpected error. */

import { internalError, StatusError } from '#api/meta/status.ts';
import type { ApiResponse } from '#client/transport/transport.ts';
import { textResponse } from '../../codec/encode/json-response.ts';
import { statusResponse } from '../../codec/encode/status-response.ts';
import { PlainRefusal } from '../../contract/plain-refusal.ts';
import type { Exchange } from '../../request/exchange.ts';
import type { Stage } from '../stage.ts';

export const panicRecovery: Stage = { name: 'panic-recovery', rescue: refusal };

export function refusal(exchange: Exchange, error: unknown): ApiResponse {
  if (error instanceof PlainRefusal) return textResponse(error.code, error.message);
  return statusResponse(exchange, statusOf(exchange, error));
}

function statusOf(exchange: Exchange, error: unknown): StatusError {
  if (error instanceof StatusError) return error;
  const { parts, request } = exchange;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  parts.env.log.error('a request failed unexpectedly', { path: request.path, error: text });
  exchange.panic = error instanceof Error ? error.message : String(error);
  return internalError(exchange.panic);
}
