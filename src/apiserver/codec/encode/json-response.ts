/** Answers made of JSON, of bytes that are JSON already, or of plain text. */

import type { ApiResponse } from '#client/transport/transport.ts';

const jsonHeaders: Readonly<Record<string, string>> = { 'content-type': 'application/json' };

export function jsonResponse(status: number, value: unknown): ApiResponse {
  return bytesResponse(status, Buffer.from(JSON.stringify(value)));
}

/** Indented for every caller, as upstream writes what is not negotiated. */
export function rawJsonResponse(status: number, value: unknown): ApiResponse {
  return bytesResponse(status, Buffer.from(JSON.stringify(value, undefined, 2)));
}

export function bytesResponse(status: number, body: Uint8Array | readonly Uint8Array[]): ApiResponse {
  return { status, headers: jsonHeaders, body };
}

export function textResponse(
  status: number,
  text: string,
  contentType = 'text/plain; charset=utf-8',
): ApiResponse {
  return {
    status,
    headers: { 'content-type': contentType, 'x-content-type-options': 'nosniff' },
    body: Buffer.from(text),
  };
}
