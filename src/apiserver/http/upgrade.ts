/** Connections that are taken over: the same gatekeepers as for a request, then the special handler has the socket. */

import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { badRequest } from '#api/status.ts';
import type { ApiResponse } from '#client/transport.ts';
import { refuseRaw } from '#host/http/raw-answer.ts';
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
  if (body instanceof Uint8Array) refuseRaw(socket, { status, headers, body });
  else socket.destroy();
}
