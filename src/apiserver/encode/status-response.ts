/** A Status as an answer. */

import type { Status, StatusError } from '#api/status.ts';
import type { ApiResponse } from '#client/transport.ts';
import type { Exchange } from '../exchange.ts';
import { jsonResponse } from './json-response.ts';

export function statusResponse(_exchange: Exchange | undefined, error: StatusError): ApiResponse {
  const { status } = error;
  const response = jsonResponse(status.code, status);
  const seconds = status.details?.retryAfterSeconds;
  if (!seconds) return response;
  return { ...response, headers: { ...response.headers, 'retry-after': String(seconds) } };
}

export function successStatus(details?: Status['details']): Status {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    ...(details ? { details } : {}),
    code: 200,
  };
}
