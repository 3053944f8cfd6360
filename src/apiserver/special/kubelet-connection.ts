/** Finds a node's kubelet by the node's own status and talks to it over TLS as the API server. */

import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { connect as plainConnect } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as tlsConnect } from 'node:tls';
import { nodes } from '#api/kinds.gen.ts';
import { failure, notFound } from '#api/status.ts';
import type { Node } from '#api/types.gen.ts';
import type { ObjectReader } from '../contract.ts';
import { readObject } from '../typed-reader.ts';

const defaultPort = 10250;
const idleSocketsMax = 64;
const connectTimeoutMs = 10_000;
/** Which of a node's addresses is tried, in upstream's order but for the names, which need a resolver. */
const addressOrder = ['InternalIP', 'ExternalIP', 'InternalDNS', 'ExternalDNS', 'Hostname'];

export interface KubeletCredentials {
  readonly certPem: string;
  readonly keyPem: string;
  /** What kubelets' serving certificates are signed with. */
  readonly caPem: string;
}

export interface Destination {
  readonly host: string;
  readonly port: number;
  /** TLS with these; plain TCP when absent. */
  readonly tls?: {
    readonly cert?: string;
    readonly key?: string;
    readonly ca?: string;
    readonly verify: boolean;
  };
}

export interface Kubelets {
  /** Throws 404 for an unknown node and 503 for one that says nothing of where its kubelet listens. */
  of(reader: ObjectReader, nodeName: string): Destination;
  close(): void;
  readonly agent: Agent;
}

export function kubelets(credentials: KubeletCredentials): Kubelets {
  const agent = new Agent({ keepAlive: true, maxFreeSockets: idleSocketsMax });
  const tls = { cert: credentials.certPem, key: credentials.keyPem, ca: credentials.caPem, verify: true };
  return {
    agent,
    of(reader, nodeName) {
      const node = readObject(reader, nodes, '', nodeName);
      if (!node) throw notFound(nodes, nodeName);
      const host = addressOf(node);
      const port = node.status?.daemonEndpoints?.kubeletEndpoint?.Port || defaultPort;
      return { host, port, tls };
    },
    close: () => agent.destroy(),
  };
}

function addressOf(node: Node): string {
  const addresses = node.status?.addresses ?? [];
  for (const type of addressOrder) {
    const found = addresses.find((address) => address.type === type);
    if (found?.address) return found.address;
  }
  const list = addressOrder.join(' ');
  throw failure(
    503,
    'ServiceUnavailable',
    `no preferred addresses found; known addresses: [], preferred: [${list}]`,
  );
}

/** A raw connection, ready to be written to. */
export function openConnection(to: Destination): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const { tls } = to;
    const socket = tls
      ? tlsConnect({ host: to.host, port: to.port, ...tlsOptions(tls) })
      : plainConnect({ host: to.host, port: to.port });
    const fail = (error: Error) => {
      socket.destroy();
      reject(unreachable(to, error));
    };
    socket.setTimeout(connectTimeoutMs, () => fail(new Error('i/o timeout')));
    socket.once('error', fail);
    socket.once(tls ? 'secureConnect' : 'connect', () => {
      socket.setTimeout(0);
      socket.removeListener('error', fail);
      resolve(socket);
    });
  });
}

export interface ForwardedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly signal?: AbortSignal;
}

/** One HTTP exchange; the answer's body has not been read. */
export function exchangeWith(
  to: Destination,
  what: ForwardedRequest,
  agent?: Agent,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const options: RequestOptions = {
      host: to.host,
      port: to.port,
      method: what.method,
      path: what.path,
      headers: what.headers,
      // What runs in a pod may end its header lines with a bare LF, as Go's client accepts; a kubelet does not.
      insecureHTTPParser: !to.tls?.verify,
      ...(what.signal ? { signal: what.signal } : {}),
    };
    const request = to.tls
      ? httpsRequest({ ...options, ...tlsOptions(to.tls), ...(agent ? { agent } : {}) }, resolve)
      : httpRequest(options, resolve);
    request.once('error', (error) => {
      // The kubelet closed a kept connection just as it was used again.
      const mayRepeat = request.reusedSocket && what.method === 'GET' && !what.signal?.aborted;
      if (mayRepeat) resolve(exchangeWith(to, what));
      else reject(unreachable(to, error));
    });
    request.end(what.body);
  });
}

function tlsOptions(tls: NonNullable<Destination['tls']>) {
  const { verify, ...pems } = tls;
  return { ...pems, rejectUnauthorized: verify };
}

function unreachable(to: Destination, error: Error): Error {
  const scheme = to.tls ? 'https' : 'http';
  return failure(
    503,
    'ServiceUnavailable',
    `error trying to reach ${scheme}://${to.host}:${to.port}: ${error.message}`,
  );
}
