/**
 * The answer to a peer that has too many connections, without authentication: it is the connections that are too many,
 * whoever they belong to. This one ends.
 */

import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import type { Duplex } from 'node:stream';

const message = 'Too many connections from this address, please try again later.';
const body = Buffer.from(
  JSON.stringify({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason: 'TooManyRequests',
    details: { retryAfterSeconds: 1 },
    code: 429,
  }),
);
const headers = { 'content-type': 'application/json', 'content-length': body.length, 'retry-after': '1' };

export function turnAway(response: ServerResponse | Http2ServerResponse): void {
  response.on('error', () => response.destroy());
  const session = 'stream' in response ? response.stream?.session : undefined;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (!session) response.setHeader('connection', 'close');
  response.statusCode = 429;
  response.end(body);
  session?.close();
}

/** For one that asked to be taken over. */
export function turnAwayUpgrade(socket: Duplex): void {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.on('error', () => socket.destroy());
  socket.write(`HTTP/1.1 429 Too Many Requests\r\n${lines.join('')}connection: close\r\n\r\n`);
  socket.end(body);
}
