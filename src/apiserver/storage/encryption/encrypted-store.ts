/**
 * A store that encrypts the values of some resources: callers read and write them in the clear. Keys of other
 * resources cost one lookup. A value that cannot be decrypted is returned with the error; its neighbours in a list
 * are returned as usual.
 */

import type {
  KeyRange,
  KeyValue,
  RangeOptions,
  RangeResult,
  Store,
  StoreStats,
  Txn,
  TxnResult,
  WatchEvent,
  WatchHandle,
  WatchHandler,
} from '#store/store.ts';
import { identity } from './identity.ts';
import { KeyServiceUnavailable, type Transformer } from './transformer.ts';

export interface EncryptionOfKeys {
  /** Undefined: values under this key are stored in the clear. */
  transformerOf(key: string): Transformer | undefined;
}

export class EncryptedStore implements Store {
  readonly #store: Store;
  readonly #encryption: EncryptionOfKeys;

  constructor(store: Store, encryption: EncryptionOfKeys) {
    this.#store = store;
    this.#encryption = encryption;
  }

  /**
   * Whether a write would store the key's value differently now: by another key, or in the clear. Undefined for a
   * resource that is not encrypted.
   */
  isStale(key: string): Promise<boolean> | undefined {
    const transformer = this.#encryption.transformerOf(key);
    return transformer && this.#isStale(key, transformer);
  }

  async #isStale(key: string, transformer: Transformer): Promise<boolean> {
    const stored = await this.#store.get(key);
    return stored !== undefined && (await transformer.decrypt(stored.value, key)).isStale;
  }

  newestRevision(): number | Promise<number> {
    return this.#store.newestRevision();
  }

  async get(key: string, revision?: number): Promise<KeyValue | undefined> {
    const stored = await this.#store.get(key, revision);
    return stored && this.#read(stored);
  }

  async range(range: KeyRange, options?: RangeOptions): Promise<RangeResult> {
    const result = await this.#store.range(range, options);
    const items = this.#readAll(result.items);
    return { ...result, items: items instanceof Promise ? await items : items };
  }

  commit(txn: Txn): Promise<TxnResult> {
    const result = this.#store.commit({ ...txn, ops: txn.ops.map((op) => this.#written(op)) });
    return result.then((outcome) => (outcome.succeeded ? outcome : this.#refused(outcome)));
  }

  watch(range: KeyRange, fromRevision: number, handler: WatchHandler): WatchHandle {
    let isOver = false;
    /** Resolves when all earlier events have been decrypted and delivered. */
    let waiting: Promise<void> | undefined;
    const fail = (error: Error) => {
      if (isOver) return;
      isOver = true;
      handle.cancel();
      handler.onError(error);
    };
    const deliver = (events: readonly WatchEvent[], revision: number) => {
      if (!isOver) handler.onEvents(events, revision);
    };
    const handle = this.#store.watch(range, fromRevision, {
      onEvents: (events, revision) => {
        const read = this.#readEvents(events);
        if (!waiting && !(read instanceof Promise)) return deliver(read, revision);
        const turn = (waiting ?? Promise.resolve())
          .then(() => read)
          .then((known) => deliver(known, revision))
          .catch(fail)
          .finally(() => {
            if (waiting === turn) waiting = undefined;
          });
        waiting = turn;
      },
      onError: (error) => {
        if (waiting) void waiting.then(() => fail(error));
        else fail(error);
      },
    });
    return {
      cancel() {
        isOver = true;
        handle.cancel();
      },
    };
  }

  compact(revision: number): Promise<void> {
    return this.#store.compact(revision);
  }

  stats(): StoreStats | Promise<StoreStats> {
    return this.#store.stats();
  }

  failure(): Error | undefined {
    return this.#store.failure();
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  #written(op: Txn['ops'][number]): Txn['ops'][number] {
    const transformer = op.type === 'put' ? this.#encryption.transformerOf(op.key) : undefined;
    if (op.type !== 'put' || !transformer) return op;
    return { ...op, value: transformer.encrypt(op.value, op.key) };
  }

  async #refused(outcome: TxnResult & { succeeded: false }): Promise<TxnResult> {
    const current = await Promise.all(outcome.current.map((item) => item && this.#read(item)));
    return { ...outcome, current };
  }

  #read(item: KeyValue): KeyValue | Promise<KeyValue> {
    const transformer = this.#encryption.transformerOf(item.key) ?? identity;
    // JSON begins with a brace: one byte is enough to see that a value is in the clear.
    if (transformer === identity && item.value[0] !== encryptedBegin) return item;
    const unreadable = (error: Error): KeyValue => {
      if (error instanceof KeyServiceUnavailable) throw error;
      return { ...item, unreadable: error };
    };
    try {
      const read = transformer.decrypt(item.value, item.key);
      if (read instanceof Promise) return read.then(({ value }) => ({ ...item, value }), unreadable);
      return read.value === item.value ? item : { ...item, value: read.value };
    } catch (error) {
      return unreadable(error as Error);
    }
  }

  /** Without a promise where no key service has to be called. */
  #readAll(items: KeyValue[]): KeyValue[] | Promise<KeyValue[]> {
    const read = items.map((item) => this.#read(item));
    return read.some((item) => item instanceof Promise) ? Promise.all(read) : (read as KeyValue[]);
  }

  #readEvents(events: readonly WatchEvent[]): readonly WatchEvent[] | Promise<readonly WatchEvent[]> {
    const read = events.map((event) => this.#readEvent(event));
    return read.some((event) => event instanceof Promise) ? Promise.all(read) : (read as WatchEvent[]);
  }

  #readEvent(event: WatchEvent): WatchEvent | Promise<WatchEvent> {
    const current = event.current && this.#read(event.current);
    const previous = event.previous && this.#read(event.previous);
    if (current === event.current && previous === event.previous) return event;
    const joined = (current: KeyValue | undefined, previous: KeyValue | undefined) => ({
      ...event,
      ...(current ? { current } : {}),
      ...(previous ? { previous } : {}),
    });
    if (!(current instanceof Promise) && !(previous instanceof Promise)) return joined(current, previous);
    return Promise.all([current, previous]).then(([now, before]) => joined(now, before));
  }
}

/** The first byte of `k8s:enc:`. */
const encryptedBegin = 'k'.charCodeAt(0);
