/** Connections that are taken over: the same gatekeepers as for a request, then the special handler has the socket. */

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { badRequest } from '#api/status.ts';
import type { Exchange } from '../exchange.ts';
import { handlerContext } from '../handlers/special.ts';
import { guard, statusOf } from '../request-chain.ts';
import { findSpecial } from '../stages/dispatch.ts';

export async function takeOver(
  exchange: Exchange,
  message: IncomingMessage,
  socket: Duplex,
  head: Uint8Array,
): Promise<void> {
  socket.on('error', () => socket.destroy());
  try {
    await guard(exchange);
    const handler = findSpecial(exchange.core.specialHandlers, exchange);
    if (!handler?.upgrade) throw badRequest('unable to upgrade: this resource cannot be connected to');
    await handler.upgrade(handlerContext(exchange), message, socket, head);
  } catch (error) {
    refuse(socket, statusOf(exchange, error).status);
  } finally {
    for (const cleanup of exchange.cleanups) cleanup();
  }
}

function refuse(socket: Duplex, status: { code: number; reason?: string }): void {
  if (socket.destroyed) return;
  const body = JSON.stringify(status);
  const head = [
    `HTTP/1.1 ${status.code} ${status.reason ?? ''}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
