/** What a listener lets callers take of it. Upstream's numbers where upstream has one. */

export interface HttpLimits {
  /** For the TLS handshake, and for the head of an HTTP/1.1 request. */
  readonly beginMs: number;
  /** Without a request. */
  readonly idleMs: number;
  /** For a reader to take the next slice of an answer. */
  readonly stalledMs: number;
  /** Further connections of one address are answered with 429 and closed; upstream has no such bound. */
  readonly connectionsPerPeerMax: number;
}

export const httpLimits: HttpLimits = {
  beginMs: 32_000,
  idleMs: 90_000,
  stalledMs: 60_000,
  connectionsPerPeerMax: 2000,
};

/** Request line and header of HTTP/1.1: Go's million, and the buffer it reads with. */
export const headBytesMax = 1024 * 1024 + 4096;
/** Of a body that nobody wanted, so much is read for the connection to be used again. */
export const discardedBytesMax = 256 * 1024;
/** It has to come in this time. */
export const discardMsMax = 10_000;
/** The caller has so long to read why its body was not. */
export const refusedBodyGraceMs = 500;
export const bodyBytesMax = 3 * 1024 * 1024;
