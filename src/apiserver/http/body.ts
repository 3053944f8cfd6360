/** Reads a request's body, up to upstream's limit, and discards a body that no handler reads. */

import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import { badRequest, requestEntityTooLarge } from '#api/meta/status.ts';
import type { Clock } from '#base/clock.ts';
import { refusalLingerMs } from '#host/http/limits.ts';
import { bodyBytesMax } from '#wire/json/values-limit.ts';

/**
 * This much of an unread body is discarded so that the connection can be reused, if it arrives in this time.
 */
const discardedBytesMax = 256 * 1024;
const discardMsMax = 10_000;

type Message = IncomingMessage | Http2ServerRequest;

/** `onBegin` is given how to stop, for when its request has been answered meanwhile. */
export function readBody(message: Message, onBegin: (stop: () => void) => void): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let ended = false;
    const refuse = () => reject(requestEntityTooLarge(`Request entity too large: limit is ${bodyBytesMax}`));
    if (Number(message.headers['content-length']) > bodyBytesMax) return refuse();
    if (message.destroyed) return reject(cutOff());
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size > bodyBytesMax) {
        message.off('data', onData);
        message.pause();
        refuse();
      } else chunks.push(chunk);
    };
    message.on('data', onData);
    onBegin(() => {
      message.off('data', onData);
      reject(cutOff());
    });
    message.on('end', () => {
      ended = true;
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
    });
    message.on('error', () => reject(cutOff()));
    message.on('close', () => {
      // Making an error is expensive, and nearly every request closes after its end.
      if (!ended) reject(cutOff());
    });
  });
}

/** The caller has disconnected and will not read this. */
function cutOff(): Error {
  return badRequest('unexpected EOF');
}

/**
 * With HTTP/1.1 the next request comes behind this body. A short rest is read and discarded; a caller that
 * goes on sending is disconnected.
 */
export function discardBody(message: IncomingMessage, clock: Clock): void {
  if (message.complete || message.destroyed) return;
  const { socket } = message;
  let left = discardedBytesMax;
  const giveUp = () => {
    message.pause();
    // Closed at once, what has been answered could get lost on its way.
    clock.after(refusalLingerMs, () => socket.destroy());
  };
  if (Number(message.headers['content-length']) > left) {
    giveUp();
    return;
  }
  const tooSlow = clock.after(discardMsMax, giveUp);
  message.once('close', () => tooSlow.cancel());
  message.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) giveUp();
  });
  message.resume();
}
