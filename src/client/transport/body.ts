/** Reads the body of a response, which has one of three forms. */

import type { ReadBounds } from '#base/read-bounds.ts';
import type { ApiResponse, ByteSink, StreamBody } from './transport.ts';

export function isStream(body: ApiResponse['body']): body is StreamBody {
  return 'start' in body;
}

/** The whole body as text. */
export async function bodyText(response: ApiResponse, bounds?: ReadBounds): Promise<string> {
  return (await bodyBytes(response, bounds)).toString('utf8');
}

/** The whole body; a stream is read to its end, or throws at one of the bounds. */
export async function bodyBytes({ body }: ApiResponse, bounds: ReadBounds = {}): Promise<Buffer> {
  if (body instanceof Uint8Array) return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  if (!isStream(body)) return Buffer.concat(body);
  const { bytesMax = Number.POSITIVE_INFINITY, signal } = bounds;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of streamChunks(body, signal)) {
    bytes += chunk.byteLength;
    if (bytes > bytesMax) throw new Error(`the response has more than ${bytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const queuedBytesMax = 1024 * 1024;

/**
 * The chunks of a stream, on demand; the sender is paused while more than a megabyte is unread. Throws the reason of
 * `signal` when that aborts.
 */
export async function* streamChunks(
  body: StreamBody,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void, void> {
  const queue = new ChunkQueue();
  const abort = () => queue.fail(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  body.start(queue);
  try {
    for (;;) {
      const chunk = await queue.next();
      if (chunk === undefined) return;
      yield chunk;
    }
  } finally {
    signal?.removeEventListener('abort', abort);
    queue.close();
  }
}

/** Senders may pass its methods on individually, so they are bound. */
class ChunkQueue implements ByteSink {
  #chunks: Uint8Array[] = [];
  #readAt = 0;
  #queuedBytes = 0;
  #ended = false;
  #error: Error | undefined;
  #wake: (() => void) | undefined;
  #drainCallbacks: (() => void)[] = [];
  #closeCallbacks: (() => void)[] = [];

  readonly write = (chunk: Uint8Array): boolean => {
    if (this.#ended) return false;
    this.#chunks.push(chunk);
    this.#queuedBytes += chunk.byteLength;
    this.#wake?.();
    return this.#queuedBytes < queuedBytesMax;
  };

  readonly end = (): void => {
    this.#ended = true;
    this.#wake?.();
  };

  readonly fail = (error: Error): void => {
    this.#error ??= error;
    this.end();
  };

  readonly onDrain = (callback: () => void): void => {
    this.#drainCallbacks.push(callback);
  };

  readonly onClose = (callback: () => void): void => {
    this.#closeCallbacks.push(callback);
  };

  async next(): Promise<Uint8Array | undefined> {
    while (this.#readAt === this.#chunks.length) {
      if (this.#error) throw this.#error;
      if (this.#ended) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    return this.#take();
  }

  /** The receiver stops reading. */
  close(): void {
    this.#ended = true;
    this.#chunks = [];
    this.#readAt = 0;
    for (const callback of this.#closeCallbacks.splice(0)) callback();
  }

  #take(): Uint8Array {
    const chunk = this.#chunks[this.#readAt++]!;
    const wasFull = this.#queuedBytes >= queuedBytesMax;
    this.#queuedBytes -= chunk.byteLength;
    if (this.#readAt === this.#chunks.length) {
      this.#chunks = [];
      this.#readAt = 0;
    }
    // Every waiting sender is notified; permanent listeners (onDrain is called once for each) filter
    // themselves.
    if (wasFull && this.#queuedBytes < queuedBytesMax) {
      for (const callback of this.#drainCallbacks) callback();
    }
    return chunk;
  }
}
