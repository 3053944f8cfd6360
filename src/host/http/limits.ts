/** What an HTTPS listener lets callers take of it. Upstream's numbers where upstream has one. */

import type { ServerOptions } from 'node:http';

export interface HttpLimits {
  /** For the TLS handshake, and for the head of an HTTP/1.1 request. */
  readonly beginMs: number;
  /** Without a request. */
  readonly idleMs: number;
  /** For a reader to take the next slice of an answer. */
  readonly stalledMs: number;
  /** Further connections of one address are answered with 429 and closed; upstream has no such bound. */
  readonly connectionsPerPeerMax: number;
  /** An idle connection of an address whose places are full is kept so long before it makes room for another. */
  readonly idleKeptMs: number;
  /** For one more connection of an address without a TLS handshake, its oldest such is closed. */
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

/** Request line and header: Go's million, and the buffer it reads with. */
const headBytesMax = 1024 * 1024 + 4096;
const headersCheckMs = 5000;
export const tcpKeepAliveMs = 60_000;
/** A connection that was refused is closed this long after its answer, as Go's server does: what the caller still sends is read meanwhile. */
export const refusalLingerMs = 500;

/** For HTTP/1.1, on the server itself: 0 is no bound but the size. Node would pass over the lines beyond its own, without a word. */
export const headerLines = { maxHeadersCount: 0 };

/** For HTTP/1.1. */
export function http1Options({ beginMs, idleMs }: HttpLimits): ServerOptions {
  return {
    maxHeaderSize: headBytesMax,
    headersTimeout: beginMs,
    keepAliveTimeout: idleMs,
    // Whether a body is too slow is for its reader to say.
    requestTimeout: 0,
    connectionsCheckingInterval: Math.min(headersCheckMs, beginMs),
  };
}
