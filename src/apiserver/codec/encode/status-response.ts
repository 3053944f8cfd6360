/** A Status as an answer, in the form the caller takes. */

import type { Status, StatusError } from '#api/meta/status.ts';
import type { ApiResponse } from '#client/transport/transport.ts';
import type { Exchange } from '../../request/exchange.ts';
import { mediaResponse } from './media-response.ts';
import { type Format, isPretty, negotiateStatus } from './negotiate.ts';
import { protobufResponse, statusType } from './protobuf-response.ts';

export function statusResponse(exchange: Exchange, error: StatusError): ApiResponse {
  const { status } = error;
  const response = encodedStatus(exchange, status);
  const seconds = status.details?.retryAfterSeconds;
  if (!seconds) return response;
  return { ...response, headers: { ...response.headers, 'retry-after': String(seconds) } };
}

export function successResponse(exchange: Exchange, details: Status['details']): ApiResponse {
  return encodedStatus(exchange, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    ...(details ? { details } : {}),
    code: 200,
  });
}

export function encodedStatus({ parts, request, info }: Exchange, status: Status): ApiResponse {
  const format = negotiateStatus(request);
  // As upstream, which writes it for people then.
  if (!format) return mediaResponse(status.code, status, jsonFormat, true);
  if (format.media === 'protobuf') return protobufResponse(parts.schema, status.code, statusType, status);
  return mediaResponse(status.code, status, format, format.isPretty || isPretty(request, info.query));
}

const jsonFormat: Format = { as: 'object', media: 'json', metaVersion: 'v1', isPretty: true };
