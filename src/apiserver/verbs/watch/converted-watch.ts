/**
 * A watch in a version that a webhook converts to: the events of the stored objects, each converted before it is sent
 * on, in order; those that come while the webhook is asked are the next batch.
 */

import type { Conversion } from '#api/kind/conversion.ts';
import type { AnyObject } from '#api/meta/object.ts';
import { internalError, StatusError } from '#api/meta/status.ts';
import { copyJson } from '#base/copy-json.ts';
import type { Observations } from '#base/metrics/histogram.ts';
import type { ByteSink, StreamBody } from '#client/transport/transport.ts';
import { parseExactly } from '#wire/json/exact-integers.ts';
import type { CacheEvent, WatchType } from '../../cache/cache-event.ts';

export interface ConvertedEvents {
  readonly conversion: Conversion;
  /** Which converted objects are wanted. Default all; the source frames changes by `frameWithPrevious` then. */
  matches?(object: AnyObject): boolean;
  /** An event of an object, in the served version, as its receiver wants it. */
  write(type: string, object: AnyObject): Uint8Array;
  bookmark(revision: number, isInitialEnd: boolean): Uint8Array;
  error(status: StatusError['status']): Uint8Array;
  /** Observes the bytes of each event. */
  readonly sizes?: Observations;
}

interface Event {
  readonly type: string;
  readonly object: AnyObject;
  readonly previous?: AnyObject;
}

/** Beyond so many bytes the events wait where they come from. */
const pendingMaxBytes = 1024 * 1024;
const newline = 0x0a;
const initialEnd = 'k8s.io/initial-events-end';

/** What has changed, and from what: whether the previous object was wanted is known when it is converted. */
export function frameWithPrevious(event: CacheEvent, type: WatchType): Uint8Array {
  if (type !== 'MODIFIED') return event.frame(type);
  const pieces = [
    '{"type":"MODIFIED","object":',
    event.bytes(type),
    ',"previous":',
    event.previous!.bytes(),
    '}\n',
  ];
  return Buffer.concat(pieces.map((piece) => Buffer.from(piece)));
}

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
      this.#pending.push(parseExactly(text.subarray(0, end).toString('utf8')) as Event);
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
    const objects = batch
      .filter(isOfObject)
      .flatMap(({ object, previous }) => [object, ...(previous ? [previous] : [])]);
    await conversion.ahead?.(objects.map((object) => copyJson(object)));
    this.#pendingBytes = 0;
    let hasRoom = true;
    for (const event of batch) {
      const frame = this.#frame(event);
      if (!frame) continue;
      this.#events.sizes?.observe(frame.length);
      hasRoom = this.#sink.write(frame);
    }
    if (!hasRoom) await new Promise<void>((resolve) => this.#sink.onDrain(resolve));
    this.#onDrain();
  }

  /** Nothing for an object that is not wanted. */
  #frame(event: Event): Uint8Array | undefined {
    const { write, bookmark, error } = this.#events;
    const { type, object } = event;
    if (isOfObject(event)) {
      const seen = this.#seen(event);
      return seen && write(seen.type, seen.object);
    }
    if (type === 'ERROR') return error(object as unknown as StatusError['status']);
    const isInitialEnd = object.metadata?.annotations?.[initialEnd] === 'true';
    return bookmark(Number(object.metadata?.resourceVersion), isInitialEnd);
  }

  /** Entering the selection is ADDED, and leaving it DELETED, with the last object that was in it. */
  #seen({ type, object, previous }: Event): Event | undefined {
    const { conversion, matches } = this.#events;
    const shown = conversion.fromStored(object);
    if (!matches) return { type, object: shown };
    const before = previous && conversion.fromStored(previous);
    const was = before !== undefined && matches(before);
    if (matches(shown)) return { type: type === 'MODIFIED' && !was ? 'ADDED' : type, object: shown };
    if (!was) return undefined;
    const { resourceVersion } = shown.metadata ?? {};
    return {
      type: 'DELETED',
      object: { ...before, metadata: { ...before.metadata, resourceVersion } } as AnyObject,
    };
  }
}

function isOfObject({ type }: Event): boolean {
  return type !== 'BOOKMARK' && type !== 'ERROR';
}
