/**
 * Connects to an API server over HTTPS with kept-alive connections; watches and followed logs are streamed.
 */

import type { Agent, Dispatcher } from 'undici';
import { loadUndici } from './load-undici.ts';
import type { ApiRequest, ApiResponse, ByteSink, StreamBody, Transport } from './transport.ts';

/** A client certificate and its private key, both PEM. */
export interface TlsIdentity {
  readonly cert: string;
  readonly key: string;
}

export interface HttpsTransportOptions {
  /** `https://127.0.0.1:6443`. */
  readonly server: string;
  /** PEM of the certificate authority. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /**
   * Instead of `cert` and `key`: the current identity, which may be renewed. New requests then go over new
   * connections; those that are under way end on the old ones.
   */
  readonly identity?: () => TlsIdentity;
  /** A bearer token, or a function that returns the current one. */
  readonly token?: string | (() => string | Promise<string>);
  /** The name expected in the server's certificate if it differs from the host of `server`. */
  readonly servername?: string;
  readonly insecureSkipTlsVerify?: boolean;
  /** Includes the TLS handshake, which the signal of a request does not end. Default 10 s. */
  readonly connectTimeoutMs?: number;
}

const defaultConnectTimeoutMs = 10_000;
const tcpKeepAliveMs = 30_000;
const headersTimeoutMs = 65_000;

export function httpsTransport(options: HttpsTransportOptions): Transport {
  const connections = new Connections(options);
  const { token } = options;
  return {
    async request(request) {
      const headers: Record<string, string> = { ...request.headers };
      if (token) headers['authorization'] = `Bearer ${typeof token === 'string' ? token : await token()}`;
      const agent = await connections.current();
      const answer = await agent.request({
        origin: options.server,
        path: request.path,
        method: request.method as Dispatcher.HttpMethod,
        headers,
        body: request.body ?? null,
        ...(request.signal ? { signal: request.signal } : {}),
      });
      return toResponse(request, answer);
    },
    close: () => connections.destroy(),
  };
}

/** Connections under the current identity, and those that still end under earlier ones. */
class Connections {
  readonly #options: HttpsTransportOptions;
  #agent: Promise<Agent> | undefined;
  #identity: TlsIdentity | undefined;
  readonly #ending = new Set<Agent>();

  constructor(options: HttpsTransportOptions) {
    this.#options = options;
  }

  current(): Promise<Agent> {
    const identity = this.#options.identity?.();
    if (this.#agent && identity !== this.#identity) void this.#end(this.#agent);
    else if (this.#agent) return this.#agent;
    this.#identity = identity;
    this.#agent = newAgent({ ...this.#options, ...identity });
    return this.#agent;
  }

  async destroy(): Promise<void> {
    const agent = await this.#agent;
    await Promise.all([...this.#ending, ...(agent ? [agent] : [])].map((each) => each.destroy()));
  }

  async #end(ending: Promise<Agent>): Promise<void> {
    const agent = await ending;
    this.#ending.add(agent);
    await agent.close().catch(() => undefined);
    this.#ending.delete(agent);
  }
}

async function newAgent(options: HttpsTransportOptions): Promise<Agent> {
  const { Agent } = await loadUndici();
  return new Agent({
    connect: {
      ...(options.ca ? { ca: options.ca } : {}),
      ...(options.cert ? { cert: options.cert } : {}),
      ...(options.key ? { key: options.key } : {}),
      ...(options.servername ? { servername: options.servername } : {}),
      ...(options.insecureSkipTlsVerify ? { rejectUnauthorized: false } : {}),
      timeout: options.connectTimeoutMs ?? defaultConnectTimeoutMs,
      // A watch may be silent for long: TCP keep-alive detects a lost peer.
      keepAlive: true,
      keepAliveInitialDelay: tcpKeepAliveMs,
    },
    headersTimeout: headersTimeoutMs,
    bodyTimeout: 0,
    keepAliveTimeout: 30_000,
  });
}

async function toResponse(request: ApiRequest, answer: Dispatcher.ResponseData): Promise<ApiResponse> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(answer.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  const streaming = answer.statusCode < 300 && /[?&](watch|follow)=(true|1)(&|$)/.test(request.path);
  const body = streaming ? streamBody(answer.body) : await answer.body.bytes();
  return { status: answer.statusCode, headers, body };
}

function streamBody(readable: Dispatcher.ResponseData['body']): StreamBody {
  // An abort before the body is read must not become an unhandled error event.
  readable.on('error', () => {});
  return {
    start(sink: ByteSink) {
      readable.on('data', (chunk: Uint8Array) => {
        if (!sink.write(chunk)) readable.pause();
      });
      readable.on('end', () => sink.end());
      readable.on('error', (error: Error) => sink.fail(error));
      sink.onDrain(() => readable.resume());
      sink.onClose(() => readable.destroy());
    },
  };
}
