/**
 * How a client reaches an API server: the same small promise kept by an in-process call and by HTTPS, so that no
 * component knows which one it uses.
 */

export interface ApiRequest {
  readonly method: string;
  /** Path and query: `/api/v1/pods?limit=500`. */
  readonly path: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** The lines of a header that may come more than once; without this there is one. */
  linesOf?(name: string): readonly string[];
  readonly body?: Uint8Array;
  /** Ends the request; a running stream stops. */
  readonly signal?: AbortSignal;
}

/** Where a stream's chunks go. */
export interface ByteSink {
  /** False when the receiver is slower than the sender: go on after `onDrain`. */
  write(chunk: Uint8Array): boolean;
  end(): void;
  fail(error: Error): void;
  onDrain(callback: () => void): void;
  /** The receiver is gone. */
  onClose(callback: () => void): void;
}

/** A body whose end is not known when it begins: a watch, a followed log. Started once. */
export interface StreamBody {
  /** Bytes follow at once: headers need not be sent before them. */
  readonly isPrompt?: boolean;
  start(sink: ByteSink): void;
  /** Instead of `start`: it is not sent after all. */
  cancel?(): void;
}

export interface ApiResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Values of `Set-Cookie`, the one header that cannot be joined; only a proxied answer has them. */
  readonly cookies?: readonly string[];
  /** Whole bytes, several pieces to be sent one after the other, or a stream. */
  readonly body: Uint8Array | readonly Uint8Array[] | StreamBody;
}

export interface Transport {
  /** Resolves with any status code; rejects only when no answer came. */
  request(request: ApiRequest): Promise<ApiResponse>;
  close(): Promise<void>;
}
