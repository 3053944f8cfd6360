/** A request that is not valid HTTP/1.1 gets Go's plain-text error, and its connection is closed. */

import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { refuseRaw } from './raw-answer.ts';

const statuses: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};
const headers = { 'content-type': 'text/plain; charset=utf-8' };

export function refuseUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  // The rest of the connection is unreadable too.
  if (socket.writableEnded) return;
  const isHttp = error.code?.startsWith('HPE_') || error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  if (!isHttp || !socket.writable || hasBegunToAnswer(socket)) return void socket.destroy();
  const status = statuses[error.code!] ?? 400;
  refuseRaw(socket, { status, headers, body: `${status} ${STATUS_CODES[status]}` });
}

function hasBegunToAnswer(socket: Duplex): boolean {
  return (socket as { _httpMessage?: { headersSent: boolean } })._httpMessage?.headersSent === true;
}
