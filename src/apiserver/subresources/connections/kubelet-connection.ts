/** Finds a node's kubelet by the node's own status and talks to it over TLS as the API server. */

import {
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
} from 'node:http';
import { Agent, request as httpsRequest, type RequestOptions } from 'node:https';
import { type BlockList, isIP } from 'node:net';
import type { Readable } from 'node:stream';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { nodes } from '#api/generated/kinds.gen.ts';
import type { Node } from '#api/generated/types.gen.ts';
import { inGoWords } from '#api/go/connection-error.ts';
import { tlsErrorInGoWords } from '#api/go/tls-error.ts';
import { failure, notFound, StatusError, unknownError } from '#api/meta/status.ts';
import { boundConnecting } from '#host/http/connect-timeout.ts';
import { type Refused, requestUpgrade, type Upgraded } from '#host/http/upgrade.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import { readObject } from '../../contract/typed-reader.ts';

import { assertReachable, lookupReachable } from './reachable.ts';

const defaultPort = 10250;
const idleSocketsMax = 64;
const connectTimeoutMs = 30_000;
/** Go's own bound. */
const answerHeaderBytesMax = 10 * 1024 * 1024;
const informationsMax = 100;
/** Which of a node's addresses is tried, in upstream's order but for the names, which need a resolver. */
const usualAddressTypes: readonly string[] = [
  'InternalIP',
  'ExternalIP',
  'InternalDNS',
  'ExternalDNS',
  'Hostname',
];

export interface KubeletCredentials {
  readonly certPem: string;
  readonly keyPem: string;
  /** What kubelets' serving certificates are signed with. */
  readonly caPem: string;
}

export interface Destination {
  readonly host: string;
  readonly port: number;
  /** The name in the Host header; the address when absent. A kubelet server of many simulated nodes finds the node by it. */
  readonly hostName?: string;
  /** Addresses that must not be reached, besides those that are never reachable through a proxy. */
  readonly except?: BlockList;
  /** TLS with these; plain TCP when absent. */
  readonly tls?: {
    readonly cert?: string;
    readonly key?: string;
    readonly ca?: string;
    readonly verify: boolean;
    /** For an extension API server, which an administrator may have put at any address: its certificate's name. */
    readonly serverName?: string;
  };
}

export interface Kubelets {
  /** Throws 404 for an unknown node and 503 for one whose status has no address. */
  of(reader: ObjectReader, nodeName: string): Destination;
  close(): void;
  readonly agent: Agent;
}

/** `addressTypes`: which of a node's addresses is tried, in order. */
export function kubelets(credentials: KubeletCredentials, addressTypes = usualAddressTypes): Kubelets {
  const agent = keptConnections();
  const tls = { cert: credentials.certPem, key: credentials.keyPem, ca: credentials.caPem, verify: true };
  return {
    agent,
    of(reader, nodeName) {
      const node = readObject(reader, nodes, '', nodeName);
      if (!node) throw notFound(nodes, nodeName);
      const host = addressOf(node, addressTypes);
      return { host, port: kubeletPortOf(node), hostName: nodeName, tls };
    },
    close: () => agent.destroy(),
  };
}

/** Connections that are used again, by host, port and credentials. */
export function keptConnections(): Agent {
  return new Agent({ keepAlive: true, maxFreeSockets: idleSocketsMax });
}

export function kubeletPortOf(node: Node): number {
  return node.status?.daemonEndpoints?.kubeletEndpoint?.Port || defaultPort;
}

function addressOf(node: Node, addressTypes: readonly string[]): string {
  const addresses = node.status?.addresses ?? [];
  for (const type of addressTypes) {
    const found = addresses.find((address) => address.type === type);
    if (found?.address) return found.address;
  }
  const list = addressTypes.join(' ');
  throw failure(
    503,
    'ServiceUnavailable',
    `no preferred addresses found; known addresses: [], preferred: [${list}]`,
  );
}

/**
 * Repeats an upgrade request with these header lines. Throws as upstream when there is no answer; the status
 * of the answer is not judged.
 */
export async function requestUpgradeOf(
  to: Destination,
  what: { readonly method: string; readonly path: string; readonly rawHeaders: readonly string[] },
): Promise<Upgraded | Refused> {
  const { method, path, rawHeaders } = what;
  try {
    const headers = rawHeaders as unknown as OutgoingHttpHeaders;
    return await requestUpgrade({ ...connectionOptions(to), method, path, headers }, to.tls !== undefined);
  } catch (error) {
    if (error instanceof StatusError) throw error;
    throw unknownError(`error dialing backend: ${whyOf(to, error as NodeJS.ErrnoException)}`);
  }
}

export interface ForwardedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: Uint8Array;
  /** Instead of `body`: passed on as it comes. */
  readonly incoming?: Readable;
  readonly signal?: AbortSignal;
  /** The error for a caller when there was no answer. */
  readonly unreachable: (why: string) => StatusError;
}

/** One HTTP exchange; the answer's body has not been read. */
export function exchangeWith(
  to: Destination,
  what: ForwardedRequest,
  agent?: Agent,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { signal } = what;
    const options: RequestOptions = {
      ...connectionOptions(to),
      method: what.method,
      path: what.path,
      headers: what.headers as OutgoingHttpHeaders,
      // What runs in a pod may end its header lines with a bare LF, as Go's client accepts; a kubelet does
      // not.
      insecureHTTPParser: !to.tls?.verify,
      ...(signal ? { signal } : {}),
      // What one request of a workload's server leaves behind on a connection is not the next one's answer.
      agent: agent ?? false,
    };
    let isAnswered = false;
    const answered = (answer: IncomingMessage) => {
      isAnswered = true;
      resolve(answer);
    };
    const request = to.tls ? httpsRequest(options, answered) : httpRequest(options, answered);
    const informations = { left: informationsMax };
    request.on('information', () => {
      if (informations.left-- === 0) request.destroy(new Error('too many 1xx informational responses'));
    });
    request.on('upgrade', ({ headers }, socket) => {
      socket.destroy();
      reject(unknownError(`backend tried to switch protocol "${headers.upgrade}" when "" was requested`));
    });
    boundConnecting(request, connectTimeoutMs);
    request.on('error', (error) => {
      // The body breaks off: its reader gets the error.
      if (isAnswered) return;
      if (error instanceof StatusError) return reject(error);
      // The kubelet closed a kept connection just as it was used again.
      const mayRepeat = request.reusedSocket && what.method === 'GET' && !signal?.aborted;
      if (mayRepeat) resolve(exchangeWith(to, what));
      else reject(what.unreachable(whyOf(to, error)));
    });
    if (what.incoming) passOn(what.incoming, request);
    else request.end(what.body);
  });
}

function whyOf(to: Destination, error: NodeJS.ErrnoException): string {
  return tlsErrorInGoWords(error) ?? inGoWords(addressTried(to, error), error);
}

/** Where `to` has a name, not that. */
function addressTried(to: Destination, error: Error): { host: string; port: number } {
  const [first] = error instanceof AggregateError ? (error.errors as Error[]) : [error];
  const { address = to.host, port = to.port } = first as { address?: string; port?: number };
  return { host: address, port };
}

/** A body that breaks off does not become a whole one. */
function passOn(incoming: Readable, request: ClientRequest): void {
  incoming.pipe(request);
  incoming.once('error', () => request.destroy());
  incoming.once('close', () => incoming.readableEnded || request.destroy());
}

/** Throws for an address that the API server connects no caller to. */
function connectionOptions(to: Destination): RequestOptions {
  const { host, port, tls, except } = to;
  const place = { host, port, maxHeaderSize: answerHeaderBytesMax };
  if (tls?.serverName !== undefined) return { ...place, ...tlsOptions(tls), servername: tls.serverName };
  // The certificate is checked against the address, whatever name stands in the Host header.
  const servername = isIP(host) ? '' : host;
  if (tls?.verify) return { ...place, ...tlsOptions(tls), servername, checkServerIdentity: isKubelet };
  assertReachable(host, except);
  return { ...place, lookup: lookupReachable(except), ...(tls ? tlsOptions(tls) : {}) };
}

function tlsOptions(tls: NonNullable<Destination['tls']>) {
  const { verify, serverName, ...pems } = tls;
  return { ...pems, rejectUnauthorized: verify };
}

/**
 * A node's status holds its kubelet's address, on loopback too where nodes are simulated. A user who can
 * write it must not lead our credentials to another server of the cluster, whose certificate has the same
 * authority.
 */
function isKubelet(host: string, certificate: PeerCertificate): Error | undefined {
  const { subject } = certificate;
  if ([subject.O].flat().includes('system:nodes')) return checkServerIdentity(host, certificate);
  return new Error(`tls: the certificate of ${[subject.CN].flat().join(' ')} is not a kubelet's`);
}

/** The Host header of a request. */
export function hostHeaderOf({ host, port, hostName = host }: Destination): string {
  return hostAndPort({ host: hostName, port });
}

/** As it stands in a URL. */
export function hostAndPort({ host, port }: Destination): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
