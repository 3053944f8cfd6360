/**
 * A watch over a WebSocket, as upstream's: each event is a message, text where events are JSON, binary where
 * they are protobuf. What the caller sends is not read.
 */

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { isStream } from '#client/transport/body.ts';
import type { ApiResponse } from '#client/transport/transport.ts';
import { type RawAnswer, refuseRaw } from '#host/http/raw-answer.ts';
import { protocolsWithoutToken } from '../../authn/bearer-token.ts';
import { webSocketSink } from '../../request/web-socket-sink.ts';

/** Callers have nothing to send. */
const receivedBytesMax = 64 * 1024;

const server = new WebSocketServer({
  noServer: true,
  perMessageDeflate: false,
  maxPayload: receivedBytesMax,
  // A caller names a protocol at most, whichever it is.
  handleProtocols: ([protocol]) => protocol ?? false,
});

/** Accepts the WebSocket and sends the events of a watch. Returns the status of the answer. */
export function watchOverWebSocket(
  { body, headers }: ApiResponse,
  request: IncomingMessage,
  socket: Duplex,
  head: Uint8Array,
): number {
  if (!isStream(body)) throw new Error('a watch that is no stream');
  const offered = request.headers['sec-websocket-protocol'];
  if (offered) request.headers['sec-websocket-protocol'] = protocolsWithoutToken(offered);
  const refused = refusal(request);
  if (refused) {
    body.cancel?.();
    refuseRaw(socket, refused);
    return refused.status;
  }
  const isText = headers['content-type'] === 'application/json';
  let isOpen = false;
  server.handleUpgrade(request, socket, Buffer.from(head), (webSocket) => {
    isOpen = true;
    body.start(webSocketSink(webSocket, { isText, messagesOf: isText ? lines() : framed() }));
  });
  socket.once('close', () => isOpen || body.cancel?.());
  return 101;
}

/** In the words of Go's `websocket` package, and in its order. */
function refusal({ headers }: IncomingMessage): RawAnswer | undefined {
  if (!headers['sec-websocket-key']) return { status: 400, body: 'mismatch challenge/response' };
  if (headers['sec-websocket-version'] !== '13') {
    const version = { 'sec-websocket-version': '13' };
    return { status: 400, headers: version, body: 'missing or bad WebSocket Version' };
  }
  // Browsers always say where their page comes from: without it the caller is refused.
  if (!isRequestUri(headers.origin)) return { status: 403 };
  if (headers['sec-websocket-protocol']?.includes(',')) return { status: 400 };
  return undefined;
}

function isRequestUri(origin: string | undefined): boolean {
  if (!origin) return false;
  return origin.startsWith('/') || origin === '*' || URL.canParse(origin);
}

const newline = 0x0a;

/** One message for each line, with its end, as upstream's encoder writes it. */
export function lines(): (chunk: Uint8Array) => Iterable<Uint8Array> {
  return split((bytes, from) => bytes.indexOf(newline, from) + 1 || undefined);
}

const lengthBytes = 4;

/** One message for each frame, without the length that stands before it. */
export function framed(): (chunk: Uint8Array) => Iterable<Uint8Array> {
  const endOf = (bytes: Buffer, from: number) => {
    if (bytes.length < from + lengthBytes) return undefined;
    const end = from + lengthBytes + bytes.readUInt32BE(from);
    return end <= bytes.length ? end : undefined;
  };
  return split(endOf, lengthBytes);
}

/**
 * `endOf`: where the event ends that begins at a place; undefined when not all of it is there. `skipped`: bytes at its
 * begin that are not sent.
 */
function split(
  endOf: (bytes: Buffer, from: number) => number | undefined,
  skipped = 0,
): (chunk: Uint8Array) => Iterable<Uint8Array> {
  let rest: Uint8Array = new Uint8Array();
  return function* (chunk) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const whole = rest.length > 0 ? Buffer.concat([rest, bytes]) : bytes;
    let from = 0;
    for (let end = endOf(whole, from); end !== undefined; end = endOf(whole, from)) {
      yield whole.subarray(from + skipped, end);
      from = end;
    }
    rest = whole.subarray(from);
  };
}
