/** What cannot be read as HTTP/1.1 gets Go's plain answers, and its connection ends. */

import type { Duplex } from 'node:stream';
import { lastWordMs } from './limits.ts';

const answers: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

export function refuseUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  // What was read before the pause is no better.
  if (socket.writableEnded) return;
  const isHttp = error.code?.startsWith('HPE_') || error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  if (!isHttp || !socket.writable || hasBegunToAnswer(socket)) return void socket.destroy();
  const answer = answers[error.code!] ?? '400 Bad Request';
  const head = 'Content-Type: text/plain; charset=utf-8\r\nConnection: close';
  socket.pause();
  socket.end(`HTTP/1.1 ${answer}\r\n${head}\r\n\r\n${answer}`);
  // Closed at once with more to come from the caller, the answer could get lost on its way.
  setTimeout(() => socket.destroy(), lastWordMs).unref();
}

function hasBegunToAnswer(socket: Duplex): boolean {
  return (socket as { _httpMessage?: { headersSent: boolean } })._httpMessage?.headersSent === true;
}
