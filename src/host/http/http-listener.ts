/** A plain HTTP server for responses that are sent in one piece. */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readRequestTarget } from '#base/net/request-target.ts';
import { refuseUnreadable } from './bad-request.ts';
import { Connections } from './connections.ts';
import { http1Options, httpLimits } from './limits.ts';

/** Each connection is closed after its response. */
const connectionsMax = 1000;
const connectionsPerPeerMax = 100;

export interface PlainAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface HttpListener {
  readonly port: number;
  close(): void;
}

export interface Listening {
  readonly port: number;
  /** Default: all addresses of the machine. */
  readonly host?: string;
}

/** Rejects when the port is taken. `answer` gets the path; undefined for an ambiguous one. */
export async function listenHttp(
  { port, host }: Listening,
  answer: (path: string | undefined) => PlainAnswer,
): Promise<HttpListener> {
  const server = createServer(http1Options(httpLimits), (request, response) => {
    request.resume();
    const { status, headers, body } = answer(pathOf(request.url ?? ''));
    response.writeHead(status, { ...headers, connection: 'close' });
    response.end(body);
  });
  const connections = new Connections({ connectionsPerPeerMax });
  server.on('connection', (socket) => {
    connections.count(socket);
    if (connections.isTooMany(socket)) socket.destroy();
  });
  server.maxConnections = connectionsMax;
  server.on('clientError', refuseUnreadable);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host }, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function pathOf(target: string): string | undefined {
  const segments = readRequestTarget(target)?.segments;
  return segments && `/${segments.join('/')}`;
}
