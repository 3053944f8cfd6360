/**
 * The response for a peer that has too many connections, before authentication: the connections are limited,
 * not the requests. The connection is closed.
 */

import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import type { RawAnswer } from './raw-answer.ts';

const message = 'Too many connections from this address, please try again later.';
const retryAfterSeconds = 1;

/** `write` formats the message and the seconds to wait as the listener's kind of error. */
export function tooManyConnections(
  contentType: string,
  write: (message: string, retryAfterSeconds: number) => string,
): RawAnswer {
  const headers = { 'content-type': contentType, 'retry-after': String(retryAfterSeconds) };
  return { status: 429, headers, body: write(message, retryAfterSeconds) };
}

export function turnAway(
  response: ServerResponse | Http2ServerResponse,
  { status, headers = {}, body = '' }: RawAnswer,
): void {
  response.on('error', () => response.destroy());
  const session = 'stream' in response ? response.stream?.session : undefined;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.setHeader('content-length', Buffer.byteLength(body));
  if (!session) response.setHeader('connection', 'close');
  response.statusCode = status;
  response.end(body);
  session?.close();
}
