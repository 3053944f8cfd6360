/** Limits of an HTTPS listener. Upstream's numbers where upstream has one. */

import type { ServerOptions } from 'node:http';

export interface HttpLimits {
  /** Time for the TLS handshake, and for the head of an HTTP/1.1 request. */
  readonly beginMs: number;
  /** Time without a request before a connection is closed. */
  readonly idleMs: number;
  /** Time for a reader to take the next part of a response. */
  readonly stalledMs: number;
  /** Further connections of one address get 429 and are closed; upstream has no such limit. */
  readonly connectionsPerPeerMax: number;
  /**
   * How long an idle connection is kept when its address is at the limit, before it is closed for another.
   */
  readonly idleKeptMs: number;
  /** Connections of one address without a TLS handshake; beyond that, the oldest is closed. */
  readonly silentPerPeerMax: number;
}

export const httpLimits: HttpLimits = {
  beginMs: 32_000,
  idleMs: 90_000,
  stalledMs: 60_000,
  connectionsPerPeerMax: 2000,
  idleKeptMs: 1000,
  silentPerPeerMax: 2000,
};

/** Request line and header: Go's limit of 1 MiB, plus its read buffer. */
const headBytesMax = 1024 * 1024 + 4096;
/**
 * Connections that wait to be accepted. The kernel lowers it to its own limit, which is what Go's servers take.
 * Of those beyond Node's default of 511, the clients would try again only after a second.
 */
export const backlogMax = 65_535;
const headersCheckMs = 5000;
export const tcpKeepAliveMs = 60_000;
/**
 * A rejected connection is closed this long after its response, as Go's server does: input is still read
 * meanwhile.
 */
export const refusalLingerMs = 500;

/**
 * For HTTP/1.1, set on the server itself: 0 means that only the size is limited. By default Node silently
 * drops header lines beyond its limit.
 */
export const headerLines = { maxHeadersCount: 0 };

/** For HTTP/1.1. */
export function http1Options({ beginMs, idleMs }: HttpLimits): ServerOptions {
  return {
    maxHeaderSize: headBytesMax,
    headersTimeout: beginMs,
    keepAliveTimeout: idleMs,
    // The reader of a body decides whether it is too slow.
    requestTimeout: 0,
    connectionsCheckingInterval: Math.min(headersCheckMs, beginMs),
  };
}
