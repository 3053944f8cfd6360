/** Where the bytes of an answer go when its caller reads them from a WebSocket: as messages, and no faster than he takes them. */

import type { WebSocket } from 'ws';
import type { ByteSink } from '#client/transport/transport.ts';

/** A text goes as a text message, bytes as a binary one. */
export type Message = string | Uint8Array;

/** Of each caller's own copies: thousands of watches may be read slowly. */
const bufferedBytesMax = 64 * 1024;

const normalClosure = 1000;
const internalErrorClosure = 1011;

/** `messagesOf`: the messages that a piece of the answer makes. */
export function webSocketSink(
  webSocket: WebSocket,
  messagesOf: (chunk: Uint8Array) => Iterable<Message>,
): ByteSink {
  let drained = () => {};
  webSocket.on('error', () => webSocket.terminate());
  const sent = () => {
    if (webSocket.bufferedAmount < bufferedBytesMax) drained();
  };
  return {
    write(chunk) {
      if (webSocket.readyState !== webSocket.OPEN) return true;
      for (const message of messagesOf(chunk)) webSocket.send(message, sent);
      return webSocket.bufferedAmount < bufferedBytesMax;
    },
    end: () => webSocket.close(normalClosure),
    fail: () => webSocket.close(internalErrorClosure),
    onDrain(callback) {
      drained = callback;
    },
    onClose: (callback) => void webSocket.on('close', callback),
  };
}
