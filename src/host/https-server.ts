/** An HTTPS server that asks every caller for a certificate; who may do what is its owner's to decide. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';

export interface ClientIdentity {
  readonly name: string;
  readonly groups: readonly string[];
}

export interface HttpsServerOptions {
  readonly host: string;
  readonly port: number;
  readonly certPem: string;
  readonly keyPem: string;
  /** Certificates of callers are signed with it. */
  readonly clientCaPem: string;
  onRequest(request: IncomingMessage, response: ServerResponse, client: ClientIdentity | undefined): void;
  onUpgrade(request: IncomingMessage, socket: Socket, head: Buffer, client: ClientIdentity | undefined): void;
}

export interface HttpsServer {
  readonly port: number;
  stop(): Promise<void>;
}

export async function listenHttps(options: HttpsServerOptions): Promise<HttpsServer> {
  const server = createServer({
    cert: options.certPem,
    key: options.keyPem,
    ca: options.clientCaPem,
    requestCert: true,
    rejectUnauthorized: false,
    minVersion: 'TLSv1.2',
  });
  const sockets = new Set<Duplex>();
  server.on('secureConnection', (socket: TLSSocket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  });
  server.on('request', (request, response) => options.onRequest(request, response, clientOf(request)));
  server.on('upgrade', (request, socket, head) =>
    options.onUpgrade(request, socket as Socket, head, clientOf(request)),
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    stop() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** Undefined without a certificate that our authority signed. */
function clientOf(request: IncomingMessage): ClientIdentity | undefined {
  const socket = request.socket as TLSSocket;
  if (!socket.authorized) return undefined;
  const { subject } = socket.getPeerCertificate();
  if (!subject) return undefined;
  const groups = subject.O === undefined ? [] : Array.isArray(subject.O) ? subject.O : [subject.O];
  return { name: String(subject.CN ?? ''), groups };
}
