/**
 * An HTTP/1.1 response on a connection without an HTTP server: one that was to be upgraded, or that sent an
 * invalid request.
 */

import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { refusalLingerMs } from './limits.ts';
import { closeGently } from './splice.ts';

export interface RawAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/**
 * Sends the response and closes the connection, after a short time also if the peer does not close its side.
 */
export function refuseRaw(socket: Duplex, { status, headers = {}, body = '' }: RawAnswer): void {
  if (socket.destroyed || socket.writableEnded) return;
  const lines = Object.entries(headers).flat();
  const length = String(Buffer.byteLength(body));
  lines.push('content-length', length, 'connection', 'close');
  socket.on('error', () => socket.destroy());
  socket.write(rawHead(status, STATUS_CODES[status] ?? '', lines), 'latin1');
  socket.write(body);
  closeGently(socket as Socket, refusalLingerMs);
}

/** `lines`: name, value, name, value …, as Node's `rawHeaders`. */
export function rawHead(status: number, reason: string, lines: readonly string[]): string {
  let text = `HTTP/1.1 ${status} ${reason}\r\n`;
  for (let i = 0; i + 1 < lines.length; i += 2) text += `${lines[i]}: ${lines[i + 1]}\r\n`;
  return `${text}\r\n`;
}
