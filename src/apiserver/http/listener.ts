/**
 * The network side: HTTPS with HTTP/1.1 and h2 on one port. Client certificates are requested and verified,
 * but not required.
 */

import { createSecureServer, type Http2SecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { Clock } from '#base/clock.ts';
import { refuseUnreadable } from '#host/http/bad-request.ts';
import { Connections } from '#host/http/connections.ts';
import { paceHandshakes } from '#host/http/handshakes.ts';
import { backlogMax, type HttpLimits, headerLines, http1Options, tcpKeepAliveMs } from '#host/http/limits.ts';
import { SilentConnections } from '#host/http/silent-connections.ts';
import { contextOf, ServerNames, type TlsFiles } from './certificates/tls-context.ts';
import { endWhenIdle } from './idle-sessions.ts';
import { type ListenerSettings, serverOptions } from './server-options.ts';
import { type Answerer, ignoreError, takeRequests, takeUpgrades } from './take-requests.ts';

/** Upstream's, for what is still being sent when all has been answered. */
const sendingMaxMs = 2000;

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
    ...serverOptions(options),
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
  server.on('sessionError', ignoreError);
  server.on('tlsClientError', () => answerer.handshakeFailed());
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
