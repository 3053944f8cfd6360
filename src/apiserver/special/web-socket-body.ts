/** An answer's body as the messages of a WebSocket, for callers who can read a stream in no other way. */

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { isStream } from '#client/body.ts';
import type { ApiResponse, ByteSink } from '#client/transport.ts';

const binary = 'binary.k8s.io';
const base64 = 'base64.binary.k8s.io';
const bufferedBytesMax = 1024 * 1024;

const server = new WebSocketServer({
  noServer: true,
  perMessageDeflate: false,
  handleProtocols: (wanted) => [binary, base64].find((one) => wanted.has(one)) ?? false,
});

export function isWebSocket(request: IncomingMessage): boolean {
  return request.headers.upgrade?.toLowerCase() === 'websocket';
}

/** Accepts the WebSocket, sends the whole body, and closes. */
export function sendOverWebSocket(
  { body }: ApiResponse,
  request: IncomingMessage,
  socket: Duplex,
  head: Uint8Array,
): void {
  server.handleUpgrade(request, socket, Buffer.from(head), (webSocket) => {
    const sink = sinkOf(webSocket);
    if (isStream(body)) return body.start(sink);
    for (const chunk of body instanceof Uint8Array ? [body] : body) sink.write(chunk);
    sink.end();
  });
}

function sinkOf(webSocket: WebSocket): ByteSink {
  let drained = () => {};
  webSocket.on('error', () => webSocket.terminate());
  return {
    write(chunk) {
      if (webSocket.readyState !== webSocket.OPEN) return true;
      const message = webSocket.protocol === base64 ? Buffer.from(chunk).toString('base64') : chunk;
      webSocket.send(message, () => {
        if (webSocket.bufferedAmount < bufferedBytesMax) drained();
      });
      return webSocket.bufferedAmount < bufferedBytesMax;
    },
    end: () => webSocket.close(1000),
    fail: () => webSocket.close(1011),
    onDrain(callback) {
      drained = callback;
    },
    onClose: (callback) => void webSocket.on('close', callback),
  };
}
