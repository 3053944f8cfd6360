/**
 * Requests that come on one HTTP/1.1 connection before the answers to earlier ones begin in turn, as with Go: each when
 * the one before it is answered. Node parses whatever comes, so a connection with enough of them is not read from.
 */

import type { ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { type ReadableSocket, resumeReading } from './peer-of.ts';

type Take = (message: Http2ServerRequest, response: Http2ServerResponse) => void;

/** Requests that were read with the eighth are parsed all the same, and wait too. */
const waitingEnough = 8;

export function inTurn(take: Take): Take {
  const waiting = new WeakMap<object, number>();
  return (message, response) => {
    if (!isBehindAnother(message, response)) return take(message, response);
    const socket = message.socket as unknown as ReadableSocket;
    const count = (waiting.get(socket) ?? 0) + 1;
    waiting.set(socket, count);
    if (count >= waitingEnough) stopReading(socket);
    response.once('socket', () => {
      const left = waiting.get(socket)! - 1;
      waiting.set(socket, left);
      if (left < waitingEnough) readOn(socket);
      take(message, response);
    });
  };
}

/** A response gets the socket when it is its turn to be sent. */
function isBehindAnother({ httpVersionMajor }: Http2ServerRequest, response: Http2ServerResponse): boolean {
  return httpVersionMajor === 1 && (response as unknown as ServerResponse).socket === null;
}

/** Node resumes a socket after each answer: that has no effect until there is room. */
function stopReading(socket: ReadableSocket): void {
  if (Object.hasOwn(socket, 'resume')) return;
  socket.pause();
  const keepWaiting = () => socket;
  socket.resume = keepWaiting;
}

function readOn(socket: ReadableSocket): void {
  if (!Object.hasOwn(socket, 'resume')) return;
  Reflect.deleteProperty(socket, 'resume');
  resumeReading(socket);
}
