/**
 * The store's promise: a revisioned, ordered key-value space that etcd v3 can keep, too. Whatever other
 * processes may have changed is asked for and may take a round trip; what is known without asking is marked
 * so.
 *
 * Every successful transaction that changes something gets the next revision. Keys are strings ordered by
 * their UTF-8 bytes, values are bytes the store never looks into. A write is acknowledged only when it is
 * durable (sqlite) and visible to every later read. Watches deliver each change once, in revision order, and
 * can start at any revision that is not compacted.
 */

export interface KeyValue {
  readonly key: string;
  readonly value: Uint8Array;
  /** Revision of the transaction that created this life of the key. */
  readonly createRevision: number;
  /** Revision of the last transaction that wrote it. */
  readonly modRevision: number;
  /** 1 at creation, one more with each write. */
  readonly version: number;
  /** Why the value is not what was written, if so: what encrypts values above a store could not read it. */
  readonly unreadable?: Error;
}

/** Half-open `[start, end)`; for all keys under a prefix see `prefixRange`. */
export interface KeyRange {
  readonly start: string;
  readonly end: string;
}

export interface RangeOptions {
  /** Read as of this revision; default the newest. Rejects with `CompactedError` or `FutureRevisionError`. */
  readonly revision?: number;
  /** At most so many items; 0 and default: all. */
  readonly limit?: number;
  /** Leave `items` empty and only count. */
  readonly countOnly?: boolean;
}

export interface RangeResult {
  readonly items: KeyValue[];
  /** All keys in the range at that revision, whatever the limit. */
  readonly count: number;
  /** True when `limit` cut the range. */
  readonly more: boolean;
  /** The revision of this read. */
  readonly revision: number;
}

export type Op =
  | { readonly type: 'put'; readonly key: string; readonly value: Uint8Array }
  | { readonly type: 'delete'; readonly key: string };

export interface Txn {
  /** All must hold, or nothing is written. `modRevision: 0` means that the key must not exist. */
  readonly compare: readonly { readonly key: string; readonly modRevision: number }[];
  readonly ops: readonly Op[];
  /** The write marks or removes an object that is being deleted: on a full disk it may use the space that is kept for deletions. */
  readonly forDeletion?: boolean;
}

export type TxnResult =
  | { readonly succeeded: true; readonly revision: number }
  /** `current` holds, for each compared key in order, the present value. */
  | { readonly succeeded: false; readonly revision: number; readonly current: (KeyValue | undefined)[] };

/** One change. A `delete` carries the last value in `previous` and no `current`. */
export interface WatchEvent {
  readonly type: 'put' | 'delete';
  readonly key: string;
  readonly revision: number;
  readonly current?: KeyValue;
  readonly previous?: KeyValue;
}

export interface WatchHandler {
  /**
   * Events of whole revisions, in order; everything up to `revision` in this range has now been delivered.
   */
  onEvents(events: readonly WatchEvent[], revision: number): void;
  /** The watch is over: `CompactedError` when its start is no longer kept, or a failure of the store. */
  onError(error: Error): void;
}

export interface WatchHandle {
  cancel(): void;
}

export interface StoreStats {
  readonly revision: number;
  readonly compactedRevision: number;
  readonly keys: number;
  /** Bytes on disk (sqlite) or held (memory). */
  readonly sizeBytes: number;
}

export interface Store {
  /**
   * No write that was acknowledged before the call, by whichever process, has a higher revision. A new store
   * is at 1, as etcd's is. A store that only this process writes to answers at once.
   */
  newestRevision(): number | Promise<number>;
  get(key: string, revision?: number): Promise<KeyValue | undefined>;
  range(range: KeyRange, options?: RangeOptions): Promise<RangeResult>;
  /** Rejects with `StoreFullError` when the disk is full, `StoreClosedError` after `close`. */
  commit(txn: Txn): Promise<TxnResult>;
  /**
   * Delivers every change with a revision greater than or equal to `fromRevision`, then live ones. Callbacks
   * come asynchronously, never from inside `watch`, and possibly after the `commit` of the change has
   * resolved: who needs to have seen a write waits for its revision.
   */
  watch(range: KeyRange, fromRevision: number, handler: WatchHandler): WatchHandle;
  /** Forgets all history before `revision`; the state at `revision` and later stays readable. */
  compact(revision: number): Promise<void>;
  stats(): StoreStats | Promise<StoreStats>;
  /**
   * Why writes fail, if so, as far as is known without asking: the disk is full, or the store must be opened
   * again.
   */
  failure(): Error | undefined;
  /** Waits for what was committed to be durable, ends the watches, frees everything. */
  close(): Promise<void>;
}

/**
 * A store that only this process writes to: it knows its state, and has delivered a change when `commit`
 * resolves.
 */
export interface LocalStore extends Store {
  newestRevision(): number;
  stats(): StoreStats;
}

/** The range of all keys that begin with `prefix` (which ends with an ASCII character, as `/` does). */
export function prefixRange(prefix: string): KeyRange {
  const last = prefix.charCodeAt(prefix.length - 1);
  return { start: prefix, end: prefix.slice(0, -1) + String.fromCharCode(last + 1) };
}
