/** Connections that are taken over: the same gatekeepers as for a request, then the special handler has the socket. */

import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { badRequest } from '#api/status.ts';
import type { ApiResponse } from '#client/transport.ts';
import type { Exchange } from '../exchange.ts';
import { handlerContext } from '../handlers/special.ts';
import { guard, refusal } from '../request-chain.ts';
import { findSpecial } from '../stages/dispatch.ts';

export async function takeOver(
  exchange: Exchange,
  message: IncomingMessage,
  socket: Socket,
  head: Uint8Array,
): Promise<void> {
  socket.on('error', () => socket.destroy());
  try {
    await guard(exchange);
    const handler = findSpecial(exchange.core, exchange.info);
    if (!handler?.upgrade) throw badRequest('unable to upgrade: this resource cannot be connected to');
    await handler.upgrade(handlerContext(exchange), message, socket, head);
  } catch (error) {
    refuse(socket, refusal(exchange, error));
  } finally {
    for (const cleanup of exchange.cleanups) cleanup();
  }
}

function refuse(socket: Socket, { status, headers, body }: ApiResponse): void {
  if (socket.destroyed || !(body instanceof Uint8Array)) return void socket.destroy();
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}`;
  socket.write(`${head}content-length: ${body.length}\r\nconnection: close\r\n\r\n`, 'latin1');
  socket.end(body);
}
