/** Where the bytes of an answer go when its client reads them from a WebSocket: as messages, no faster than it takes them. */

import type { WebSocket } from 'ws';
import type { ByteSink } from '#client/transport/transport.ts';

export interface MessageForm {
  /** Text messages; the bytes are UTF-8. */
  readonly isText: boolean;
  /** The messages that a piece of the answer makes: parts of it, not copies, which thousands of watches share. */
  messagesOf(chunk: Uint8Array): Iterable<Uint8Array>;
}

/** What may wait for one client. */
const bufferedBytesMax = 64 * 1024;

const normalClosure = 1000;
const internalErrorClosure = 1011;

export function webSocketSink(webSocket: WebSocket, { isText, messagesOf }: MessageForm): ByteSink {
  const options = { binary: !isText };
  let drained = () => {};
  webSocket.on('error', () => webSocket.terminate());
  const sent = () => {
    if (webSocket.bufferedAmount < bufferedBytesMax) drained();
  };
  return {
    write(chunk) {
      if (webSocket.readyState !== webSocket.OPEN) return true;
      for (const message of messagesOf(chunk)) webSocket.send(message, options, sent);
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
