/** The options of the HTTPS server: what a connection and its streams may take, and what arguments change. */

/** How the server listens, besides TLS. */
export interface ListenerSettings {
  /** Default 1000. */
  readonly streamsMax?: number;
  readonly isHttp1Only?: boolean;
  /** Another process may listen on the same port. */
  readonly sharesPort?: boolean;
}

export function serverOptions({ streamsMax, isHttp1Only }: ListenerSettings) {
  return {
    ...fixedOptions,
    settings: { ...fixedOptions.settings, maxConcurrentStreams: streamsMax || defaultStreamsMax },
    ...(isHttp1Only ? { ALPNCallback: onlyHttp1 } : {}),
  };
}

const fixedOptions = {
  allowHTTP1: true,
  requestCert: true,
  rejectUnauthorized: false,
  // A Go client has one connection for all its informers: what their streams hold is bounded stream by stream.
  maxSessionMemory: 1024,
  // A client that cancels its context resets all its streams at once.
  streamResetBurst: 5000,
  streamResetRate: 500,
  maxHeaderListPairs: 2000,
  settings: {
    initialWindowSize: 256 * 1024,
    maxFrameSize: 256 * 1024,
    // A longer value would end the whole connection: nghttp2 takes no more. Go's client refuses it by itself,
    // knowing this setting.
    maxHeaderListSize: 64 * 1024,
  },
} as const;

/** Enough for all informers of a Go client. */
const defaultStreamsMax = 1000;

function onlyHttp1({ protocols }: { readonly protocols: readonly string[] }): string | undefined {
  return protocols.find((protocol) => protocol === 'http/1.1');
}
