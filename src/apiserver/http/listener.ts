/**
 * The network side: HTTPS with HTTP/1.1 and h2 on one port. Client certificates are asked for and verified, but
 * not demanded. Requests become `ApiRequest`s, upgraded connections are handed on.
 */

import type { IncomingMessage } from 'node:http';
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { isStream } from '#client/body.ts';
import type { ApiRequest, ApiResponse } from '#client/transport.ts';
import type { Peer } from '../contract.ts';
import { readBody } from './body.ts';
import { IncomingRequest, isGone } from './incoming-request.ts';
import { peerOf } from './peer-of.ts';
import { sendResponse } from './send-response.ts';

export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
  readonly clientCa: string;
}

export interface Listener {
  readonly host: string;
  readonly port: number;
  /** New connections get this certificate from now on. */
  renew(tls: TlsFiles): void;
  close(): Promise<void>;
}

export interface Answerer {
  /** `bodyError` is set when the body could not be read. */
  answer(request: ApiRequest, peer: Peer, bodyError?: Error): Promise<ApiResponse>;
  /** An answer could not be sent; the connection is closed. */
  failed(error: Error): void;
  upgrade(request: ApiRequest, peer: Peer, message: IncomingMessage, socket: Socket, head: Uint8Array): void;
}

const maxConcurrentStreams = 1000;
/** A connection that is idle that long is closed. */
const idleTimeoutMs = 180_000;

export function listen(
  address: { host: string; port: number },
  tls: TlsFiles,
  answerer: Answerer,
): Promise<Listener> {
  const server = createSecureServer({
    ...contextOf(tls),
    allowHTTP1: true,
    requestCert: true,
    rejectUnauthorized: false,
    minVersion: 'TLSv1.2',
    settings: { maxConcurrentStreams },
  });
  const sockets = new Set<TLSSocket>();
  server.on('secureConnection', (socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  });
  server.on('request', (request, response) => {
    serve(answerer, request, response).catch((error: Error) => {
      answerer.failed(error);
      response.stream?.destroy();
      request.socket.destroy();
    });
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Uint8Array) => {
    answerer.upgrade(
      new IncomingRequest(request),
      peerOf(socket as TLSSocket),
      request,
      socket as Socket,
      head,
    );
  });
  server.on('sessionError', ignore);
  server.on('tlsClientError', ignore);
  Object.assign(server, { keepAliveTimeout: idleTimeoutMs });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(address.port, address.host, () => {
      const { port } = server.address() as AddressInfo;
      resolve({
        host: address.host,
        port,
        renew: (renewed) => server.setSecureContext(contextOf(renewed)),
        close: () => close(server, sockets),
      });
    });
  });
}

function contextOf(tls: TlsFiles): { cert: string; key: string; ca: string } {
  return { cert: tls.cert, key: tls.key, ca: tls.clientCa };
}

async function serve(
  answerer: Answerer,
  message: Http2ServerRequest,
  response: Http2ServerResponse,
): Promise<void> {
  response.on('error', ignore);
  const socket = (message.stream?.session?.socket ?? message.socket) as TLSSocket;
  let body: Uint8Array | undefined;
  let bodyError: Error | undefined;
  if (message.method !== 'GET' && message.method !== 'HEAD') {
    try {
      body = await readBody(message);
    } catch (error) {
      bodyError = error as Error;
    }
  }
  const request = new IncomingRequest(message, response, body);
  const answer = await answerer.answer(request, peerOf(socket), bodyError);
  if (!isGone(response)) await sendResponse(message, response, answer);
  else if (isStream(answer.body)) answer.body.cancel?.();
}

/** The connection broke, or never was one: whoever writes to it sees that it is gone. */
function ignore(): void {}

/** What is being written still goes out; then every connection ends. */
function close(server: Http2SecureServer, sockets: Set<TLSSocket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    for (const socket of sockets) socket.destroySoon();
  });
}
