/** Makes `ApiRequest`s of the requests of the network, sends their answers, and hands upgraded connections on. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2SecureServer, Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { tooManyRequests } from '#api/meta/status.ts';
import type { Clock } from '#base/clock.ts';
import { isStream } from '#client/transport/body.ts';
import type { ApiRequest, ApiResponse } from '#client/transport/transport.ts';
import type { Connections } from '#host/http/connections.ts';
import type { HttpLimits } from '#host/http/limits.ts';
import { refuseRaw } from '#host/http/raw-answer.ts';
import { tooManyConnections, turnAway } from '#host/http/turn-away.ts';
import type { Peer } from '../contract/authentication.ts';
import { noteLongAnswer } from './idle-sessions.ts';
import { inTurn } from './in-turn.ts';
import { IncomingRequest, isGone } from './incoming-request.ts';
import { peerOf } from './peer-of.ts';
import { sendResponse } from './send-response.ts';
import type { Patience } from './send-slices.ts';

export interface Answerer {
  answer(request: IncomingRequest, peer: Peer): Promise<ApiResponse>;
  /** A connection has come, or its TLS handshake begins: others may be waiting behind it. */
  connected(): void;
  handshakeFailed(): void;
  /** An answer could not be sent; the connection is closed. */
  failed(error: Error): void;
  /**
   * Whether the connection that a caller wants to speak another protocol on may be taken over; else it is a
   * plain request.
   */
  mayUpgrade(method: string, url: string, protocol: string): boolean;
  upgrade(request: ApiRequest, peer: Peer, message: IncomingMessage, socket: Socket, head: Uint8Array): void;
}

const tooMany = tooManyConnections('application/json', (message, seconds) =>
  JSON.stringify(tooManyRequests(message, seconds).status),
);

export function takeRequests(
  server: Http2SecureServer,
  connections: Connections,
  answerer: Answerer,
  { clock, limits }: { readonly clock: Clock; readonly limits: HttpLimits },
): void {
  const patience: Patience = { clock, stalledMs: limits.stalledMs };
  const isEnding = () => !server.listening;
  const take = (message: Http2ServerRequest, response: Http2ServerResponse) => {
    const socket = (message.stream?.session?.socket ?? message.socket) as TLSSocket | undefined;
    // The connection has ended.
    if (!socket) return;
    if (connections.isTooMany(socket)) return turnAway(response, tooMany);
    connections.begin(socket, response);
    serve({ answerer, patience, isEnding }, message, response, socket).catch((error: Error) => {
      answerer.failed(error);
      response.stream?.destroy();
      socket.destroy();
    });
  };
  const onRequest = inTurn(take);
  server.on('request', onRequest);
  // 100 Continue is sent when the body is about to be read.
  server.on('checkContinue', onRequest);
}

export function takeUpgrades(server: Http2SecureServer, connections: Connections, answerer: Answerer): void {
  server.on('upgrade', (message: IncomingMessage, socket: Duplex, head: Uint8Array) => {
    if (connections.isTooMany(message.socket)) return refuseRaw(socket, tooMany);
    connections.begin(message.socket);
    const peer = peerOf(message.socket as TLSSocket);
    answerer.upgrade(new IncomingRequest(message), peer, message, socket as Socket, head);
  });
  Object.assign(server, {
    shouldUpgradeCallback: ({ method = '', url = '', headers }: IncomingMessage) =>
      answerer.mayUpgrade(method, url, headers.upgrade ?? ''),
  });
}

interface ServeParts {
  readonly answerer: Answerer;
  readonly patience: Patience;
  isEnding(): boolean;
}

async function serve(
  { answerer, patience, isEnding }: ServeParts,
  message: Http2ServerRequest,
  response: Http2ServerResponse,
  socket: TLSSocket,
): Promise<void> {
  response.on('error', ignoreError);
  const request = new IncomingRequest(message, response);
  const answer = await answerer.answer(request, peerOf(socket));
  request.dropBody(patience.clock);
  const { body } = answer;
  if (isGone(response)) {
    if (isStream(body)) body.cancel?.();
    return;
  }
  if (answer.isLast || isEnding()) isLast(response);
  if (isStream(body) && message.httpVersionMajor === 2) noteLongAnswer(message.stream);
  await sendResponse(message, response, answer, patience);
}

/** The client is to open another connection for its next request. */
function isLast(response: Http2ServerResponse): void {
  const session = response.stream?.session;
  if (session) session.close();
  else (response as unknown as ServerResponse).shouldKeepAlive = false;
}

/** The connection broke or was never established: writing to it fails. */
export function ignoreError(): void {}
