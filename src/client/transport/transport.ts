/**
 * How a client reaches an API server: the same small interface for in-process calls and for HTTPS, so that no
 * component knows which one it uses.
 */

export interface ApiRequest {
  readonly method: string;
  /** Path and query: `/api/v1/pods?limit=500`. */
  readonly path: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** All lines of a header that may occur more than once; absent if there is only one. */
  linesOf?(name: string): readonly string[];
  readonly body?: Uint8Array;
  /** Ends the request; a running stream stops. */
  readonly signal?: AbortSignal;
}

/** The receiver of a stream's chunks. */
export interface ByteSink {
  /**
   * False when the receiver is slower than the sender: continue after `onDrain`. `sent`, if it is called at
   * all, says that the chunk is not read any more.
   */
  write(chunk: Uint8Array, sent?: () => void): boolean;
  end(): void;
  fail(error: Error): void;
  onDrain(callback: () => void): void;
  /** Called when the receiver has closed. */
  onClose(callback: () => void): void;
}

/** A body of unknown length: a watch, a followed log. Started once. */
export interface StreamBody {
  /** Bytes follow at once: headers need not be sent before them. */
  readonly isPrompt?: boolean;
  start(sink: ByteSink): void;
  /** Instead of `start`: the body is not sent. */
  cancel?(): void;
}

export interface ApiResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Values of `Set-Cookie`, the one header that cannot be joined; only a proxied response has them. */
  readonly cookies?: readonly string[];
  /** The client is to open another connection for its next request. */
  readonly isLast?: boolean;
  /** All bytes, several pieces to be sent one after the other, or a stream. */
  readonly body: Uint8Array | readonly Uint8Array[] | StreamBody;
}

export interface Transport {
  /** Resolves with any status code; rejects only without a response. */
  request(request: ApiRequest): Promise<ApiResponse>;
  close(): Promise<void>;
}
