/**
 * The answer to a peer that has too many connections, without authentication: it is the connections that are too many,
 * whatever their requests. This connection ends.
 */

import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import type { RawAnswer } from './raw-answer.ts';

const message = 'Too many connections from this address, please try again later.';
const retryAfterSeconds = 1;

/** `write` puts the message and the seconds to wait into the body of the listener's own kind of errors. */
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
