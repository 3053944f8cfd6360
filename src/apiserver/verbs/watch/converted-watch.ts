/**
 * A watch in a version that a webhook converts to: the events of the stored objects, each converted before it is sent
 * on, in order; those that come while the webhook is asked are the next batch.
 */

import type { Conversion } from '#api/kind/conversion.ts';
import type { AnyObject } from '#api/meta/object.ts';
import { internalError, StatusError } from '#api/meta/status.ts';
import type { ByteSink, StreamBody } from '#client/transport/transport.ts';

export interface ConvertedEvents {
  readonly conversion: Conversion;
  /** An event of an object, in the served version, as its receiver wants it. */
  write(type: string, object: AnyObject): Uint8Array;
  bookmark(revision: number, isInitialEnd: boolean): Uint8Array;
  error(status: StatusError['status']): Uint8Array;
}

interface Event {
  readonly type: string;
  readonly object: AnyObject;
}

/** Beyond so many bytes the events wait where they come from. */
const pendingMaxBytes = 1024 * 1024;
const newline = 0x0a;
const initialEnd = 'k8s.io/initial-events-end';

export function convertedWatch(source: StreamBody, events: ConvertedEvents): StreamBody {
  return {
    start: (sink) => new ConvertedStream(sink, events).from(source),
    cancel: () => source.cancel?.(),
  };
}

class ConvertedStream implements ByteSink {
  readonly #sink: ByteSink;
  readonly #events: ConvertedEvents;
  #pending: Event[] = [];
  #pendingBytes = 0;
  #partial: Uint8Array = new Uint8Array();
  #isBusy = false;
  #isEnding = false;
  #onDrain = () => {};

  constructor(sink: ByteSink, events: ConvertedEvents) {
    this.#sink = sink;
    this.#events = events;
  }

  from(source: StreamBody): void {
    source.start(this);
  }

  write(chunk: Uint8Array): boolean {
    let text = Buffer.concat([this.#partial, chunk]);
    for (let end = text.indexOf(newline); end >= 0; end = text.indexOf(newline)) {
      this.#pending.push(JSON.parse(text.subarray(0, end).toString('utf8')) as Event);
      this.#pendingBytes += end;
      text = text.subarray(end + 1);
    }
    this.#partial = text;
    void this.#send();
    return this.#pendingBytes < pendingMaxBytes;
  }

  end(): void {
    this.#isEnding = true;
    if (!this.#isBusy) this.#sink.end();
  }

  fail(error: Error): void {
    this.#sink.fail(error);
  }

  onDrain(callback: () => void): void {
    this.#onDrain = callback;
  }

  onClose(callback: () => void): void {
    this.#sink.onClose(callback);
  }

  async #send(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      while (this.#pending.length > 0) await this.#sendBatch(this.#pending.splice(0));
    } catch (error) {
      const { status } = error instanceof StatusError ? error : internalError((error as Error).message);
      this.#sink.write(this.#events.error(status));
      this.#isEnding = true;
    }
    this.#isBusy = false;
    if (this.#isEnding) this.#sink.end();
  }

  async #sendBatch(batch: readonly Event[]): Promise<void> {
    const { conversion } = this.#events;
    const objects = batch.filter(isOfObject).map(({ object }) => object);
    await conversion.ahead?.(objects.map((object) => structuredClone(object)));
    this.#pendingBytes = 0;
    let hasRoom = true;
    for (const event of batch) hasRoom = this.#sink.write(this.#frame(event));
    if (!hasRoom) await new Promise<void>((resolve) => this.#sink.onDrain(resolve));
    this.#onDrain();
  }

  #frame(event: Event): Uint8Array {
    const { conversion, write, bookmark, error } = this.#events;
    const { type, object } = event;
    if (isOfObject(event)) return write(type, conversion.fromStored(object));
    if (type === 'ERROR') return error(object as unknown as StatusError['status']);
    const isInitialEnd = object.metadata?.annotations?.[initialEnd] === 'true';
    return bookmark(Number(object.metadata?.resourceVersion), isInitialEnd);
  }
}

function isOfObject({ type }: Event): boolean {
  return type !== 'BOOKMARK' && type !== 'ERROR';
}
