/**
 * The client of all webhooks: admission, conversion, authentication, authorization and audit post a JSON document
 * and get the answer's bytes. Connections are kept for each target; redirects are not followed; one deadline covers
 * connection, answer and body. Errors have the messages of Go's HTTP client.
 */

import { getCACertificates } from 'node:tls';
import type { Agent, buildConnector } from 'undici';
import { inGoWords } from '#api/go/connection-error.ts';
import { tlsErrorInGoWords } from '#api/go/tls-error.ts';
import { StatusError } from '#api/meta/status.ts';
import type { Clock } from '#base/clock.ts';
import { cleanPath } from '#base/net/url-path.ts';
import { withoutEnding } from '#base/text/without-ending.ts';
import { loadUndici } from '#client/transport/load-undici.ts';
import { AgentCache } from './agent-cache.ts';
import { CallLimit, limitWords } from './call-limit.ts';
import type { EndpointResolver, ServicePort } from './service-endpoint.ts';
import { refusalOf } from './webhook-refusal.ts';

/** Address and TLS settings of a webhook. Equal targets share connections. */
export interface WebhookTarget {
  /** `https://host[:port][/path]`. Instead of `service`. */
  readonly url?: string | undefined;
  readonly service?: (ServicePort & { readonly path?: string | undefined }) | undefined;
  /** PEM. Without it the system's authorities are trusted. */
  readonly caPem?: string | undefined;
  /** PEM. */
  readonly clientCertificate?: { readonly cert: string; readonly key: string } | undefined;
  /** The name that the server's certificate must have, if it is not the host. */
  readonly serverName?: string | undefined;
  readonly insecureSkipTlsVerify?: boolean | undefined;
}

export interface WebhookCall {
  /** Of connection, answer and body together. */
  readonly timeoutMs: number;
  /** Adds the timeout to the URL: `?timeout=10s`. */
  readonly sendsTimeout?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends the call early. */
  readonly signal?: AbortSignal | undefined;
}

export interface WebhookAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Uint8Array;
}

/** No answer, or an incomplete one. The message is that of Go's client: `Post "https://…": EOF`. */
export class WebhookUnreachable extends Error {
  override name = 'WebhookUnreachable';
  /** The caller canceled the call before its deadline. */
  readonly isCanceled: boolean;
  constructor(message: string, isCanceled = false) {
    super(message);
    this.isCanceled = isCanceled;
  }
}

export interface WebhookClientOptions {
  readonly clock: Clock;
  readonly resolve: EndpointResolver;
  /** Default `kube-apiserver-admission`. */
  readonly userAgent?: string;
}

/** Far above any real answer: a patch is at most about as large as the object. */
export const webhookAnswerMaxBytes = 16 * 1024 * 1024;
/** Upstream's cache of webhook clients has as many. */
const agentsMax = 200;
const idleConnectionMs = 30_000;
/** Each call has a shorter limit of its own. */
const connectTimeoutMs = 60_000;

type Undici = Awaited<ReturnType<typeof loadUndici>>;

export class WebhookClient {
  readonly #clock: Clock;
  readonly #resolve: EndpointResolver;
  readonly #userAgent: string;
  readonly #agents = new AgentCache(agentsMax);

  constructor({ clock, resolve, userAgent = 'kube-apiserver-admission' }: WebhookClientOptions) {
    this.#clock = clock;
    this.#resolve = resolve;
    this.#userAgent = userAgent;
  }

  /** Throws a StatusError for an answer that is not 2xx, `WebhookUnreachable` without an answer. */
  async post(target: WebhookTarget, body: string | Uint8Array, call: WebhookCall): Promise<WebhookAnswer> {
    const undici = await loadUndici();
    const agent = this.#agents.take(JSON.stringify(target), () => this.#agentOf(undici, target));
    const { origin, path } = placeOf(target);
    const query = call.sendsTimeout ? `?timeout=${Math.ceil(call.timeoutMs / 1000)}s` : '';
    const limit = new CallLimit(this.#clock, call);
    try {
      const answer = await agent.request({
        origin,
        path: path + query,
        method: 'POST',
        headers: {
          accept: 'application/json, */*',
          'content-type': 'application/json',
          'user-agent': this.#userAgent,
          ...call.headers,
        },
        body,
        signal: limit.signal,
      });
      const received = await readBounded(answer.body, limit);
      const contentType = [answer.headers['content-type'] ?? ''].flat().join(', ');
      const refusal = refusalOf(answer.statusCode, contentType, received, answer.headers['retry-after']);
      if (refusal) throw refusal;
      return { status: answer.statusCode, contentType, body: received };
    } catch (error) {
      if (error instanceof StatusError || error instanceof WebhookUnreachable) throw error;
      throw new WebhookUnreachable(
        `Post "${origin}${path}${query}": ${whyOf(error, target, limit)}`,
        limit.isCanceled,
      );
    } finally {
      limit.end();
    }
  }

  close(): Promise<void> {
    return this.#agents.close();
  }

  #agentOf(undici: Undici, target: WebhookTarget): Agent {
    const connect = this.#connectorOf(undici, target);
    return new undici.Agent({
      connect,
      // HTTP/2 on loopback only, as upstream: elsewhere a single connection would not spread over many backends.
      allowH2: isLoopback(target),
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: idleConnectionMs,
    });
  }

  #connectorOf(undici: Undici, target: WebhookTarget): buildConnector.connector {
    const { service, clientCertificate, insecureSkipTlsVerify } = target;
    const name = target.serverName ?? (service ? hostOfService(service) : undefined);
    const connect = undici.buildConnector({
      ca: target.caPem ? target.caPem : getCACertificates('system'),
      ...(clientCertificate ?? {}),
      ...(name === undefined ? {} : { servername: name }),
      ...(insecureSkipTlsVerify ? { rejectUnauthorized: false } : {}),
      allowH2: isLoopback(target),
      timeout: connectTimeoutMs,
    });
    if (!service) return connect;
    return (options, done) => {
      try {
        const { host, port } = this.#resolve(service);
        connect({ ...options, hostname: host, port: String(port), servername: name! }, done);
      } catch (error) {
        done(error as Error, null);
      }
    };
  }
}

async function readBounded(body: AsyncIterable<Uint8Array>, limit: CallLimit): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > webhookAnswerMaxBytes) {
        throw new Error(`the response is larger than ${webhookAnswerMaxBytes} bytes`);
      }
      chunks.push(chunk);
    }
  } catch (error) {
    const why = limitWords(limit) ?? bodyWords(error as NodeJS.ErrnoException);
    throw new WebhookUnreachable(
      `unexpected error when reading response body. Please retry. Original error: ${why}`,
      limit.isCanceled,
    );
  }
  return Buffer.concat(chunks);
}

function bodyWords({ code, message }: NodeJS.ErrnoException): string {
  return code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' ? 'unexpected EOF' : message;
}

function whyOf(thrown: unknown, target: WebhookTarget, limit: CallLimit): string {
  const ended = limitWords(limit);
  if (ended) return ended;
  const error = thrown as NodeJS.ErrnoException;
  const tls = tlsErrorInGoWords(error);
  if (tls !== undefined) return tls;
  if (error.code === 'UND_ERR_SOCKET') return 'EOF';
  return inGoWords(addressOf(error, target), error);
}

/** The address of the failed connection: for a host name or a service it is not in the target. */
function addressOf(error: NodeJS.ErrnoException, target: WebhookTarget): { host: string; port: number } {
  const { address, port } = error as { address?: string; port?: number };
  const url = new URL(placeOf(target).origin);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return { host: address ?? host, port: port ?? Number(url.port || 443) };
}

/** As Go's REST client builds the URL: the path is cleaned and has no slash at its end. */
function placeOf({ url, service }: WebhookTarget): { origin: string; path: string } {
  if (service) {
    return {
      origin: `https://${hostOfService(service)}:${service.port}`,
      path: plainPath(service.path ?? ''),
    };
  }
  const parsed = new URL(url!);
  const port = /^https:\/\/[^/]*:443(?:\/|$)/i.test(url!) ? ':443' : '';
  return { origin: parsed.origin + port, path: plainPath(parsed.pathname) };
}

function plainPath(path: string): string {
  return withoutEnding(cleanPath(path), '/') || '/';
}

function hostOfService({ name, namespace }: ServicePort): string {
  return `${name}.${namespace}.svc`;
}

function isLoopback({ url }: WebhookTarget): boolean {
  if (!url) return false;
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname);
}
