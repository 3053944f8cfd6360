/** A Status as an answer, in the form the caller takes. */

import { type Status, StatusError } from '#api/meta/status.ts';
import type { ApiResponse } from '#client/transport/transport.ts';
import type { Exchange } from '../../request/exchange.ts';
import { jsonResponse } from './json-response.ts';
import { mediaResponse } from './media-response.ts';
import { type Format, isPretty, negotiate } from './negotiate.ts';
import { protobufResponse, statusType } from './protobuf-response.ts';

export function statusResponse(exchange: Exchange, error: StatusError): ApiResponse {
  const { status } = error;
  const response = encoded(exchange, status);
  const seconds = status.details?.retryAfterSeconds;
  if (!seconds) return response;
  return { ...response, headers: { ...response.headers, 'retry-after': String(seconds) } };
}

export function successResponse(exchange: Exchange, details: Status['details']): ApiResponse {
  return encoded(exchange, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    ...(details ? { details } : {}),
    code: 200,
  });
}

function encoded({ parts, request, info }: Exchange, status: Status): ApiResponse {
  const format = formatOf(() => negotiate(request));
  if (!format) return jsonResponse(status.code, status);
  if (format.media === 'protobuf') return protobufResponse(parts.schema, status.code, statusType, status);
  return mediaResponse(status.code, status, format, format.isPretty || isPretty(request, info.query));
}

/** A client that accepts no available media type gets JSON, also for that very error. */
function formatOf(choose: () => Format): Format | undefined {
  try {
    return choose();
  } catch (error) {
    if (error instanceof StatusError) return undefined;
    throw error;
  }
}
