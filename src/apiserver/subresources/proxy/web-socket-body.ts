/** An answer's body as the messages of a WebSocket, for callers who can read a stream in no other way. */

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { isStream } from '#client/transport/body.ts';
import type { ApiResponse } from '#client/transport/transport.ts';
import { refuseRaw } from '#host/http/raw-answer.ts';
import { webSocketSink } from '../../request/web-socket-sink.ts';

const binary = 'binary.k8s.io';
const base64 = 'base64.binary.k8s.io';

const server = new WebSocketServer({
  noServer: true,
  perMessageDeflate: false,
  handleProtocols: (wanted) => chosen([...wanted]) ?? false,
});

/** The caller's first choice of those that there are. */
function chosen(wanted: readonly string[]): string | undefined {
  return wanted.find((protocol) => protocol === binary || protocol === base64);
}

/** Without any, messages are bytes. */
function isSpoken({ headers }: IncomingMessage): boolean {
  const wanted = headers['sec-websocket-protocol'];
  return wanted === undefined || chosen(wanted.split(',').map((protocol) => protocol.trim())) !== undefined;
}

/**
 * Accepts the WebSocket, sends an empty message first as upstream does, then the whole body, and closes.
 * Returns the status of the answer.
 */
export function sendOverWebSocket(
  { body }: ApiResponse,
  request: IncomingMessage,
  socket: Duplex,
  head: Uint8Array,
): number {
  if (!isSpoken(request)) {
    refuseRaw(socket, { status: 403 });
    return 403;
  }
  server.handleUpgrade(request, socket, Buffer.from(head), (webSocket) => {
    const isBase64 = webSocket.protocol === base64;
    const sink = webSocketSink(webSocket, {
      isText: isBase64,
      messagesOf: (chunk) => [isBase64 ? Buffer.from(Buffer.from(chunk).toString('base64')) : chunk],
    });
    sink.write(new Uint8Array());
    if (isStream(body)) return body.start(sink);
    for (const chunk of body instanceof Uint8Array ? [body] : body) sink.write(chunk);
    sink.end();
  });
  return 101;
}
