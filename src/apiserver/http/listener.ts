/**
 * The network side: HTTPS with HTTP/1.1 and h2 on one port. Client certificates are asked for and verified,
 * but not demanded. Requests become `ApiRequest`s, upgraded connections are handed on.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createSecureContext, type SecureContext, type SecureContextOptions, type TLSSocket } from 'node:tls';
import { tooManyRequests } from '#api/meta/status.ts';
import type { Clock } from '#base/clock.ts';
import { isStream } from '#client/transport/body.ts';
import type { ApiRequest, ApiResponse } from '#client/transport/transport.ts';
import { refuseUnreadable } from '#host/http/bad-request.ts';
import { Connections } from '#host/http/connections.ts';
import { paceHandshakes } from '#host/http/handshakes.ts';
import { backlogMax, type HttpLimits, headerLines, http1Options, tcpKeepAliveMs } from '#host/http/limits.ts';
import { refuseRaw } from '#host/http/raw-answer.ts';
import { SilentConnections } from '#host/http/silent-connections.ts';
import { tooManyConnections, turnAway } from '#host/http/turn-away.ts';
import type { Peer } from '../contract/authentication.ts';
import type { TlsSettings } from '../contract/tls-settings.ts';
import { endWhenIdle, noteLongAnswer } from './idle-sessions.ts';
import { IncomingRequest, isGone } from './incoming-request.ts';
import { peerOf } from './peer-of.ts';
import { sendResponse } from './send-response.ts';
import type { Patience } from './send-slices.ts';
import { byServerName, type NamedCertificate } from './server-names.ts';

const tooMany = tooManyConnections('application/json', (message, seconds) =>
  JSON.stringify(tooManyRequests(message, seconds).status),
);

/** Upstream's, for what is still being sent when all has been answered. */
const sendingMaxMs = 2000;

export interface TlsFiles extends TlsSettings {
  readonly cert: string;
  readonly key: string;
  /** Instead of that one for clients that ask for these names. */
  readonly named?: readonly NamedCertificate[];
}

/** How the server listens, besides TLS. */
export interface ListenerSettings {
  /** Default 1000. */
  readonly streamsMax?: number;
  readonly isHttp1Only?: boolean;
  /** Another process may listen on the same port. */
  readonly sharesPort?: boolean;
}

export interface Listener {
  readonly host: string;
  readonly port: number;
  /** New connections get this certificate from now on. */
  renew(tls: TlsFiles): void;
  /** No connections are accepted any more; those open end with what is under way on them. */
  refuse(): void;
  /** Answers that are on their way still go out; then every connection ends. */
  close(): Promise<void>;
}

export interface Answerer {
  answer(request: IncomingRequest, peer: Peer): Promise<ApiResponse>;
  /** A connection has come, or its TLS handshake begins: others may be waiting behind it. */
  connected(): void;
  /** An answer could not be sent; the connection is closed. */
  failed(error: Error): void;
  /**
   * Whether the connection that a caller wants to speak another protocol on may be taken over; else it is a
   * plain request.
   */
  mayUpgrade(method: string, url: string, protocol: string): boolean;
  upgrade(request: ApiRequest, peer: Peer, message: IncomingMessage, socket: Socket, head: Uint8Array): void;
}

export interface ListenOptions extends ListenerSettings {
  readonly host: string;
  readonly port: number;
  readonly clock: Clock;
  readonly limits: HttpLimits;
}

export function listen(options: ListenOptions, tls: TlsFiles, answerer: Answerer): Promise<Listener> {
  const { limits } = options;
  const names = new ServerNames(tls);
  const server = createSecureServer({
    ...contextOf(tls),
    ...serverOptions,
    settings: { ...serverOptions.settings, maxConcurrentStreams: options.streamsMax || streamsMax },
    ...(options.isHttp1Only ? { ALPNCallback: onlyHttp1 } : {}),
    ...(tls.named?.length ? { SNICallback: names.answer } : {}),
    handshakeTimeout: limits.beginMs,
    http1Options: http1Options(limits),
  });
  Object.assign(server, headerLines);
  const connections = new Connections(limits);
  const silent = new SilentConnections(limits);
  paceHandshakes(server, { beginMs: limits.beginMs, onProgress: () => answerer.connected() });
  trackConnections(server, connections, silent, limits);
  takeRequests(server, connections, answerer, options);
  takeUpgrades(server, connections, answerer);
  server.on('sessionError', ignore);
  server.on('clientError', refuseUnreadable);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const { port, host, sharesPort: reusePort = false } = options;
    server.listen({ port, host, reusePort, backlog: backlogMax }, () => {
      const { port } = server.address() as AddressInfo;
      resolve({
        host: options.host,
        port,
        renew(renewed) {
          server.setSecureContext(contextOf(renewed));
          names.renew(renewed);
        },
        ...closing(server, connections, silent),
      });
    });
  });
}

function trackConnections(
  server: Http2SecureServer,
  connections: Connections,
  silent: SilentConnections,
  limits: HttpLimits,
): void {
  server.on('connection', (socket) => silent.add(socket));
  server.on('secureConnection', (socket) => {
    silent.remove(socket);
    connections.count(socket);
    connections.add(socket);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, tcpKeepAliveMs);
    socket.on('error', () => socket.destroy());
  });
  server.on('session', (session) => endWhenIdle(session, limits.idleMs));
}

function takeRequests(
  server: Http2SecureServer,
  connections: Connections,
  answerer: Answerer,
  { clock, limits }: ListenOptions,
): void {
  const patience: Patience = { clock, stalledMs: limits.stalledMs };
  const isEnding = () => !server.listening;
  const take = (message: Http2ServerRequest, response: Http2ServerResponse) => {
    const socket = (message.stream?.session?.socket ?? message.socket) as TLSSocket | undefined;
    // Its connection ended with it.
    if (!socket) return;
    if (connections.isTooMany(socket)) return turnAway(response, tooMany);
    connections.begin(socket, response);
    serve({ answerer, patience, isEnding }, message, response, socket).catch((error: Error) => {
      answerer.failed(error);
      response.stream?.destroy();
      socket.destroy();
    });
  };
  server.on('request', take);
  // 100 Continue is sent when the body is about to be read.
  server.on('checkContinue', take);
}

function takeUpgrades(server: Http2SecureServer, connections: Connections, answerer: Answerer): void {
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

const serverOptions = {
  allowHTTP1: true,
  requestCert: true,
  rejectUnauthorized: false,
  // A Go client has one connection for all its informers: what their streams hold is bounded stream by
  // stream.
  maxSessionMemory: 1024,
  // One that ends its context cancels all of them at once.
  streamResetBurst: 5000,
  streamResetRate: 500,
  maxHeaderListPairs: 2000,
  settings: {
    initialWindowSize: 256 * 1024,
    maxFrameSize: 256 * 1024,
    // A longer value would end the whole connection: nghttp2 takes no more. Go's client refuses it by itself,
    // knowing this setting.
    maxHeaderListSize: 64 * 1024,
  },
} as const;

/** A Go client puts all its informers on one connection. */
const streamsMax = 1000;

function onlyHttp1({ protocols }: { readonly protocols: readonly string[] }): string | undefined {
  return protocols.find((protocol) => protocol === 'http/1.1');
}

function contextOf(tls: TlsFiles): SecureContextOptions {
  const { cert, key, clientCa, minVersion = 'TLSv1.2', ciphers, curves } = tls;
  return {
    cert,
    key,
    ca: clientCa,
    minVersion,
    ...(ciphers ? { ciphers } : {}),
    ...(curves ? { ecdhCurve: curves } : {}),
  };
}

/** The certificates by name of a server. */
class ServerNames {
  #contextOf!: (name: string) => SecureContext | undefined;

  constructor(tls: TlsFiles) {
    this.renew(tls);
  }

  renew(tls: TlsFiles): void {
    this.#contextOf = byServerName(tls.named ?? [], ({ cert, key }) =>
      createSecureContext(contextOf({ ...tls, cert, key })),
    );
  }

  readonly answer = (name: string, done: (error: null, context?: SecureContext) => void): void =>
    done(null, this.#contextOf(name));
}

interface Serving {
  readonly answerer: Answerer;
  readonly patience: Patience;
  isEnding(): boolean;
}

async function serve(
  { answerer, patience, isEnding }: Serving,
  message: Http2ServerRequest,
  response: Http2ServerResponse,
  socket: TLSSocket,
): Promise<void> {
  response.on('error', ignore);
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
function ignore(): void {}

/** Connections end as soon as nothing is under way on them; those without a TLS handshake at once. */
function closing(server: Http2SecureServer, connections: Connections, silent: SilentConnections) {
  let closed: Promise<void> | undefined;
  const refuse = () => {
    closed ??= new Promise((resolve) => server.close(() => resolve()));
    silent.destroyAll();
    return closed;
  };
  return {
    refuse: () => void refuse(),
    async close(): Promise<void> {
      const isClosed = refuse();
      await connections.answered(sendingMaxMs);
      connections.endAll();
      return isClosed;
    },
  };
}
