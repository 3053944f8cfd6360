/**
 * Proxies requests for a group's version to the API server that serves it, as upstream's aggregator: after
 * authentication and authorization here, with the caller's identity in headers. Errors are plain text.
 */

import type { IncomingMessage } from 'node:http';
import { StatusError, serviceUnavailable, timeout } from '#api/meta/status.ts';
import type { Clock } from '#base/clock.ts';
import { encodePath, encodeQuery } from '#base/net/url-path.ts';
import { errorText } from '#base/text/error-text.ts';
import type { ApiResponse } from '#client/transport/transport.ts';
import { textResponse } from '../codec/encode/json-response.ts';
import { PlainRefusal } from '../contract/plain-refusal.ts';
import type { RequestInfo } from '../contract/request-info.ts';
import { lateText } from '../flowcontrol/deadlines.ts';
import { isLongRunning } from '../flowcontrol/long-running.ts';
import { CallLimit } from '../outgoing/call-limit.ts';
import type { Connection, Exchange } from '../request/exchange.ts';
import {
  type Destination,
  exchangeWith,
  hostAndPort,
} from '../subresources/connections/kubelet-connection.ts';
import { forwardedFor, forwardedHeaders, forwardUpgrade, framingOf } from '../subresources/proxy/forward.ts';
import { throughProxy } from '../subresources/proxy/proxied-answer.ts';
import type { ApiServices, RemoteServer } from './api-services.ts';
import type { ExtensionConnections } from './extension-connection.ts';
import { identityHeaders, identityLines } from './identity-headers.ts';

interface ExtensionServerParts {
  readonly services: ApiServices;
  readonly connections: ExtensionConnections;
  /** The server of an OpenAPI document by its path: `apis/metrics.k8s.io/v1beta1`. */
  readonly openApiServer: (path: string) => RemoteServer | undefined;
  readonly clock: Clock;
}

/** Of a discovery request: cheap to serve, and many clients wait for it. */
const discoveryTimeoutMs = 5000;
const openApiRoot = '/openapi/v3/';

export class ExtensionServers {
  readonly #parts: ExtensionServerParts;

  constructor(parts: ExtensionServerParts) {
    this.#parts = parts;
  }

  /** The server that serves a request; undefined for this server. */
  find(info: RequestInfo): RemoteServer | undefined {
    const { services, openApiServer } = this.#parts;
    if (!services.hasRemotes) return undefined;
    if (info.isResource) return services.remote(info.group, info.group === '' ? 'v1' : info.version);
    const { path } = info;
    if (path.startsWith(openApiRoot)) return openApiServer(path.slice(openApiRoot.length));
    if (/^\/api(?:\/|$)/.test(path)) return services.remote('', 'v1');
    const [, group = '', version = ''] = /^\/apis\/([^/]+)\/([^/]+)\/?$/.exec(path) ?? [];
    return services.remote(group, version);
  }

  async handle(exchange: Exchange, server: RemoteServer): Promise<ApiResponse> {
    exchange.isForwarded = true;
    const to = this.#destination(server);
    const limit = this.#limitOf(exchange);
    try {
      const answer = await exchangeWith(
        to,
        { ...requestOf(exchange, to), ...(limit ? { signal: limit.signal } : {}) },
        this.#parts.connections.agent,
      );
      if (limit) answer.once('close', () => limit.end());
      if (isRedirect(answer)) return redirectRefused(answer);
      const { method, headers } = exchange.request;
      const hosts = [hostAndPort(to), headers['host'] ?? ''];
      return await throughProxy(answer, '', hosts, method !== 'HEAD' && answer.statusCode !== 304);
    } catch (error) {
      limit?.end();
      if (limit?.isLate) throw tooLate(exchange.info);
      throw plain(error);
    }
  }

  /** Returns the status code that was sent on the socket. */
  async upgrade(exchange: Exchange, server: RemoteServer, connection: Connection): Promise<number> {
    const to = this.#destination(server);
    const { message, socket, head } = connection;
    try {
      const identity = [...identityLines(exchange.user), 'Audit-Id', exchange.auditId];
      return await forwardUpgrade(to, targetOf(exchange), message, socket, head, identity);
    } catch (error) {
      throw plain(error);
    }
  }

  #destination(server: RemoteServer): Destination {
    if (!server.isAvailable) throw unreachable('service unavailable');
    try {
      return this.#parts.connections.to(server);
    } catch {
      throw unreachable('service unavailable');
    }
  }

  /**
   * Until the answer's last byte: the request's deadline, which a caller inside this process has here too, since the
   * other server may never answer. Undefined for long-running requests: they last as long as the caller waits.
   */
  #limitOf({ info, request, startedMs, timeoutMs, parts }: Exchange): CallLimit | undefined {
    if (isLongRunning(info)) return undefined;
    const { clock } = this.#parts;
    const leftMs = startedMs + (timeoutMs ?? parts.settings.timeoutMs) - clock.monotonicMs();
    const limitMs = isDiscovery(info) ? Math.min(leftMs, discoveryTimeoutMs) : leftMs;
    return new CallLimit(clock, { timeoutMs: limitMs, signal: request.signal });
  }
}

function isDiscovery({ isResource, path }: RequestInfo): boolean {
  return !isResource && /^\/apis\/[^/]+\/[^/]+\/?$/.test(path);
}

function tooLate(info: RequestInfo): Error {
  return isDiscovery(info)
    ? unreachable('error trying to reach service: context deadline exceeded')
    : timeout(lateText);
}

function requestOf(exchange: Exchange, to: Destination) {
  const { request, peer, user, auditId, info } = exchange;
  const { method, headers, body, signal } = request;
  const incoming = body ? undefined : exchange.incomingBody?.();
  const origin = forwardedFor(headers['x-forwarded-for'], peer.remoteAddress);
  return {
    method,
    path: targetOf(exchange),
    headers: {
      ...forwardedHeaders(headers),
      host: hostAndPort(to),
      'audit-id': auditId,
      'x-forwarded-uri': encodePath(info.path),
      'x-forwarded-host': hostAndPort(to),
      'x-forwarded-proto': 'https',
      ...(origin ? { 'x-forwarded-for': origin } : {}),
      ...(incoming ? framingOf(headers['content-length']) : {}),
      ...identityHeaders(user),
    },
    unreachable: (why: string) => serviceUnavailable(`error trying to reach service: ${why}`),
    ...(body ? { body } : {}),
    ...(incoming ? { incoming } : {}),
    ...(signal ? { signal } : {}),
  };
}

/** The path as this server parsed it: the other server serves exactly what was authorized here. */
function targetOf({ info }: Exchange): string {
  const query = encodeQuery(info.query);
  return encodePath(info.path) + (query === '' ? '' : `?${query}`);
}

/** Refused: a redirect would have callers send their credentials to another server. */
function isRedirect({ statusCode = 0, headers }: IncomingMessage): boolean {
  return statusCode >= 300 && statusCode <= 399 && Boolean(headers.location);
}

function redirectRefused(answer: IncomingMessage): ApiResponse {
  answer.destroy();
  return textResponse(502, 'the backend attempted to redirect this request, which is not permitted');
}

function unreachable(why: string): PlainRefusal {
  return new PlainRefusal(503, `${why}\n`);
}

function plain(error: unknown): Error {
  if (error instanceof PlainRefusal) return error;
  return unreachable(
    error instanceof StatusError ? error.message : `error trying to reach service: ${errorText(error)}`,
  );
}
