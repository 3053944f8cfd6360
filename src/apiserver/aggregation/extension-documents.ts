/** Fetches documents of other API servers for this server itself: discovery and OpenAPI. */

import type { IncomingMessage } from 'node:http';
import { serviceUnavailable } from '#api/meta/status.ts';
import type { UserInfo } from '#api/meta/user.ts';
import type { Clock } from '#base/clock.ts';
import { partsOf } from '#wire/json/values-limit.ts';
import { exchangeWith, hostAndPort } from '../subresources/connections/kubelet-connection.ts';
import type { RemoteServer } from './api-services.ts';
import type { ExtensionConnections } from './extension-connection.ts';
import { identityHeaders } from './identity-headers.ts';

export interface DocumentRequest {
  readonly user: UserInfo;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

export interface ReceivedDocument {
  /** Of the request: `https://10.0.0.1:8443/apis/g/v1`. */
  readonly url: string;
  readonly status: number;
  readonly contentType: string;
  readonly etag: string;
  readonly body: Buffer;
}

/** Twice Kubernetes' own OpenAPI document, which is longer than those of extensions. */
const bodyBytesMax = 8 * 1024 * 1024;
/** Kubernetes' own has 29,000. */
const documentContainersMax = 100_000;

/** The server did not answer. The message is that of Go's client. */
export class NotAnswered extends Error {
  override name = 'NotAnswered';
  readonly url: string;
  constructor(url: string, why: string) {
    super(`Get "${url}": ${why}`);
    this.url = url;
  }
}

export class ExtensionDocuments {
  readonly #connections: ExtensionConnections;
  readonly #clock: Clock;

  constructor(connections: ExtensionConnections, clock: Clock) {
    this.#connections = connections;
    this.#clock = clock;
  }

  get(server: RemoteServer, asked: DocumentRequest): Promise<ReceivedDocument> {
    return this.#ask(server, asked, readBounded);
  }

  /** Whether it answers at all: its body is not read, as it may never end. */
  async probe(
    server: RemoteServer,
    asked: DocumentRequest,
  ): Promise<Pick<ReceivedDocument, 'url' | 'status'>> {
    return this.#ask(server, asked, (answer) => void answer.destroy());
  }

  async #ask<T>(server: RemoteServer, asked: DocumentRequest, read: (answer: IncomingMessage) => T) {
    const to = this.#connections.to(server);
    const url = `https://${hostAndPort(to)}${asked.path}`;
    const late = new AbortController();
    const timer = this.#clock.after(asked.timeoutMs, () => late.abort());
    try {
      const headers = {
        'accept-encoding': 'identity',
        'user-agent': 'kube-apiserver',
        ...asked.headers,
        host: hostAndPort(to),
        ...identityHeaders(asked.user),
      };
      const { signal } = late;
      const request = { method: 'GET', path: asked.path, headers, signal, unreachable: serviceUnavailable };
      const answer = await exchangeWith(to, request, this.#connections.agent);
      return { url, ...headOf(answer), body: await read(answer) };
    } catch (error) {
      const isLate = late.signal.aborted;
      const text = 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)';
      throw new NotAnswered(url, isLate ? text : (error as Error).message);
    } finally {
      timer.cancel();
    }
  }
}

function headOf({ statusCode = 0, headers }: IncomingMessage) {
  return { status: statusCode, contentType: headers['content-type'] ?? '', etag: headers.etag ?? '' };
}

/** Throws for what is no JSON, or would take too long to parse on the thread of all requests. */
export function parseDocument(body: Buffer): unknown {
  const { containers } = partsOf(body);
  if (containers > documentContainersMax) {
    throw new Error(`more than ${documentContainersMax} objects and lists`);
  }
  return JSON.parse(body.toString());
}

async function readBounded(answer: IncomingMessage): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > bodyBytesMax) throw new Error(`the response is larger than ${bodyBytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
