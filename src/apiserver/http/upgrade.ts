/**
 * Takes a connection that is to change its protocol through the request chain, and sends the response when it
 * is refused.
 */

import type { ApiResponse } from '#client/transport/transport.ts';
import { refuseRaw } from '#host/http/raw-answer.ts';
import type { RequestChain } from '../chain/request-chain.ts';
import type { Connection, Exchange } from '../request/exchange.ts';

export async function answerUpgrade(
  chain: RequestChain,
  exchange: Exchange,
  connection: Connection,
): Promise<void> {
  const { socket } = connection;
  socket.on('error', () => socket.destroy());
  const answer = await chain.answer(exchange);
  if (!connection.isTakenOver) refuse(connection, answer);
}

function refuse({ socket }: Connection, { status, headers, body }: ApiResponse): void {
  if (body instanceof Uint8Array) refuseRaw(socket, { status, headers, body });
  else socket.destroy();
}
