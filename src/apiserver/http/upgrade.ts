/** Connections that are taken over: the same gatekeepers as for a request, then the special handler has the socket. */

import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { badRequest } from '#api/meta/status.ts';
import type { ApiResponse } from '#client/transport/transport.ts';
import { refuseRaw } from '#host/http/raw-answer.ts';
import { findSpecial } from '../chain/dispatch.ts';
import { guard, refusal } from '../chain/request-chain.ts';
import type { Exchange } from '../request/exchange.ts';
import { handlerContext } from '../subresources/connect.ts';

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
  if (body instanceof Uint8Array) refuseRaw(socket, { status, headers, body });
  else socket.destroy();
}
