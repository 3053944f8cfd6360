/** An HTTPS server that requests a client certificate; its owner authorizes. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { refuseUnreadable } from './bad-request.ts';
import { Connections } from './connections.ts';
import { paceHandshakes } from './handshakes.ts';
import {
  backlogMax,
  type HttpLimits,
  headerLines,
  http1Options,
  httpLimits,
  tcpKeepAliveMs,
} from './limits.ts';
import { type RawAnswer, refuseRaw } from './raw-answer.ts';
import { SilentConnections } from './silent-connections.ts';
import { turnAway } from './turn-away.ts';

export interface ClientIdentity {
  readonly name: string;
  readonly groups: readonly string[];
}

export interface HttpsServerOptions {
  readonly host: string;
  readonly port: number;
  readonly certPem: string;
  readonly keyPem: string;
  /** Client certificates are verified with it. */
  readonly clientCaPem: string;
  /** The response for a peer with too many connections. */
  readonly tooManyConnections: RawAnswer;
  /** Default: `httpLimits`. */
  readonly limits?: Partial<HttpLimits>;
  onRequest(request: IncomingMessage, response: ServerResponse, client: ClientIdentity | undefined): void;
  /** Whether an upgrade request may take over the connection; otherwise it is handled as a plain request. */
  mayUpgrade(request: IncomingMessage): boolean;
  onUpgrade(request: IncomingMessage, socket: Socket, head: Buffer, client: ClientIdentity | undefined): void;
}

export interface HttpsServer {
  readonly port: number;
  /** New connections are shown it; those that are open go on. */
  useCertificate(pair: { readonly certPem: string; readonly keyPem: string }): void;
  stop(): Promise<void>;
}

export async function listenHttps(options: HttpsServerOptions): Promise<HttpsServer> {
  const { tooManyConnections } = options;
  const limits = { ...httpLimits, ...options.limits };
  const server = createServer({
    ...http1Options(limits),
    handshakeTimeout: limits.beginMs,
    ...secureOptions(options),
    requestCert: true,
    rejectUnauthorized: false,
  });
  Object.assign(server, headerLines);
  const connections = new Connections(limits);
  const silent = new SilentConnections(limits);
  paceHandshakes(server, limits);
  server.on('connection', (socket) => silent.add(socket));
  server.on('secureConnection', (socket: TLSSocket) => {
    silent.remove(socket);
    connections.count(socket);
    connections.add(socket);
    socket.setKeepAlive(true, tcpKeepAliveMs);
    socket.on('error', () => socket.destroy());
  });
  server.on('clientError', refuseUnreadable);
  server.on('request', (request, response) => {
    if (connections.isTooMany(request.socket)) return turnAway(response, tooManyConnections);
    connections.begin(request.socket, response);
    options.onRequest(request, response, clientOf(request));
  });
  Object.assign(server, { shouldUpgradeCallback: options.mayUpgrade });
  server.on('upgrade', (request, socket, head) => {
    if (connections.isTooMany(request.socket)) return refuseRaw(socket, tooManyConnections);
    connections.begin(request.socket);
    options.onUpgrade(request, socket as Socket, head, clientOf(request));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port: options.port, host: options.host, backlog: backlogMax }, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    useCertificate({ certPem, keyPem }) {
      server.setSecureContext({ ...secureOptions(options), cert: certPem, key: keyPem });
    },
    stop() {
      connections.destroyAll();
      silent.destroyAll();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function secureOptions({ certPem: cert, keyPem: key, clientCaPem: ca }: HttpsServerOptions) {
  return { cert, key, ca, minVersion: 'TLSv1.2' } as const;
}

/** Undefined without a certificate of the cluster's authority. */
function clientOf(request: IncomingMessage): ClientIdentity | undefined {
  const socket = request.socket as TLSSocket;
  if (!socket.authorized) return undefined;
  const { subject } = socket.getPeerCertificate();
  if (!subject) return undefined;
  const groups = subject.O === undefined ? [] : Array.isArray(subject.O) ? subject.O : [subject.O];
  return { name: String(subject.CN ?? ''), groups };
}
