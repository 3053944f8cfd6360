/**
 * The store over a log of rows: index of live keys, history, watches and compaction, whatever keeps the rows.
 *
 * Reads of the newest state touch memory only. Reads of an old state take the newest one and undo the changes
 * since, so they cost as much as they are old.
 */

import type { Env } from '#base/env.ts';
import { CompactedError, FutureRevisionError, StoreClosedError } from '../errors.ts';
import type {
  KeyRange,
  KeyValue,
  LocalStore,
  RangeOptions,
  RangeResult,
  StoreStats,
  Txn,
  TxnResult,
  WatchHandle,
  WatchHandler,
} from '../store.ts';
import { CatchUp } from './catch-up.ts';
import { CommitQueue } from './commit-queue.ts';
import { type Change, History, obsoleteRows } from './history.ts';
import { KeyIndex } from './key-index.ts';
import { type OldState, oldStateAt } from './old-state.ts';
import type { RowLog } from './row-log.ts';
import { type Version, versionOf } from './version.ts';
import { type Watcher, WatchHub } from './watch-hub.ts';

/** What a row log held when it was opened. */
export interface LoadedState {
  readonly live: KeyIndex<Version>;
  readonly history: History;
  readonly revision: number;
  readonly compactedRevision: number;
}

export function emptyState(historyHotBytesMax: number): LoadedState {
  return {
    live: new KeyIndex(),
    history: new History(historyHotBytesMax),
    revision: 1,
    compactedRevision: 0,
  };
}

export class MvccStore implements LocalStore {
  readonly #live: KeyIndex<Version>;
  readonly #history: History;
  readonly #env: Env;
  readonly #rowLog: RowLog;
  readonly #queue: CommitQueue;
  readonly #hub: WatchHub;
  readonly #catchUp: CatchUp;
  readonly #watchers = new Set<Watcher>();
  #revision: number;
  #compactedRevision: number;
  #liveBytes = 0;
  #closed: Promise<void> | undefined;

  constructor(env: Env, rowLog: RowLog, state: LoadedState) {
    this.#env = env;
    this.#rowLog = rowLog;
    this.#live = state.live;
    this.#history = state.history;
    this.#revision = state.revision;
    this.#compactedRevision = state.compactedRevision;
    this.#queue = new CommitQueue(
      {
        clock: env.clock,
        live: (key) => this.#live.get(key),
        append: (rows, forDeletion) => rowLog.append(rows, forDeletion),
        refusal: () => rowLog.refusal(),
        apply: (changes) => this.#apply(changes),
      },
      state.revision,
    );
    this.#hub = new WatchHub((watcher, error) => {
      env.log.error('a watch handler threw; its watch is over', { error: String(error) });
      this.#fail(watcher, error instanceof Error ? error : new Error(String(error)));
    });
    this.#catchUp = new CatchUp({
      clock: env.clock,
      history: this.#history,
      hub: this.#hub,
      read: (rowIds) => rowLog.read(rowIds),
      revision: () => this.#revision,
      compactedRevision: () => this.#compactedRevision,
      isOpen: (watcher) => this.#watchers.has(watcher),
      fail: (watcher, error) => this.#fail(watcher, error),
    });
  }

  newestRevision(): number {
    return this.#revision;
  }

  /** Bytes the retained history takes. */
  historyBytes(): number {
    return this.#history.sizeBytes;
  }

  /** The oldest revision that can be kept with at most `bytes` of history. */
  revisionWithin(bytes: number): number {
    return this.#history.revisionWithin(bytes);
  }

  async get(key: string, revision?: number): Promise<KeyValue | undefined> {
    if (revision === undefined) {
      this.#assertOpen();
      return this.#live.get(key);
    }
    const { items } = await this.range({ start: key, end: `${key}\0` }, { revision });
    return items[0];
  }

  async range(range: KeyRange, options: RangeOptions = {}): Promise<RangeResult> {
    this.#assertOpen();
    const revision = options.revision ?? this.#revision;
    if (revision > this.#revision) throw new FutureRevisionError(revision);
    if (revision < this.#compactedRevision) throw new CompactedError(this.#compactedRevision);
    const limit = options.countOnly ? 0 : options.limit || Number.POSITIVE_INFINITY;
    if (revision === this.#revision) return this.#newestRange(range, limit, options.countOnly === true);
    const old = oldStateAt(this.#live, this.#history, range, revision, limit);
    const items = await this.#resolve(old);
    return { items, count: old.count, more: !options.countOnly && old.count > items.length, revision };
  }

  commit(txn: Txn): Promise<TxnResult> {
    if (this.#closed) return Promise.reject(new StoreClosedError());
    return this.#queue.commit(txn, () => this.#revision);
  }

  watch(range: KeyRange, fromRevision: number, handler: WatchHandler): WatchHandle {
    this.#assertOpen();
    const watcher: Watcher = { range, handler, nextRevision: fromRevision };
    this.#watchers.add(watcher);
    this.#catchUp.start(watcher);
    return { cancel: () => this.#drop(watcher) };
  }

  async compact(revision: number): Promise<void> {
    this.#assertOpen();
    if (revision > this.#revision) throw new FutureRevisionError(revision);
    if (revision <= this.#compactedRevision) throw new CompactedError(this.#compactedRevision);
    this.#compactedRevision = revision;
    const obsolete = this.#history.dropBefore(revision).flatMap(obsoleteRows);
    await this.#rowLog.discard(obsolete, revision);
  }

  stats(): StoreStats {
    return {
      revision: this.#revision,
      compactedRevision: this.#compactedRevision,
      keys: this.#live.size,
      sizeBytes: this.#rowLog.sizeBytes() ?? this.#liveBytes + this.#history.sizeBytes,
    };
  }

  failure(): Error | undefined {
    return this.#rowLog.failure();
  }

  close(): Promise<void> {
    this.#closed ??= this.#shutDown();
    return this.#closed;
  }

  async #shutDown(): Promise<void> {
    await this.#queue.drain();
    for (const watcher of [...this.#watchers]) this.#fail(watcher, new StoreClosedError());
    await this.#rowLog.close();
  }

  #apply(changes: readonly Change[]): void {
    for (const change of changes) {
      const { key, current, previous } = change.event!;
      this.#liveBytes += (current?.value.length ?? -key.length) - (previous?.value.length ?? -key.length);
      if (current) this.#live.set(key, current as Version);
      else this.#live.delete(key);
      this.#hub.publish(change.event!);
      this.#history.append(change);
    }
    this.#revision = changes[changes.length - 1]!.revision;
    this.#hub.flush(this.#revision);
  }

  #newestRange(range: KeyRange, limit: number, countOnly: boolean): RangeResult {
    const items: KeyValue[] = [];
    if (limit > 0) {
      this.#live.scan(range.start, range.end, (version) => items.push(version) < limit);
    }
    const cut = countOnly || items.length >= limit;
    const count = cut ? this.#live.count(range.start, range.end) : items.length;
    return { items, count, more: !countOnly && count > items.length, revision: this.#revision };
  }

  /** Brings back the values that are only in the rowLog. */
  async #resolve(old: OldState): Promise<KeyValue[]> {
    const cold = old.items.filter((item) => typeof item === 'number');
    if (cold.length === 0) return old.items as Version[];
    const rows = await this.#rowLog.read(cold);
    return old.items.map((item) => {
      if (typeof item !== 'number') return item;
      const row = rows.get(item);
      if (!row) throw new CompactedError(this.#compactedRevision);
      return versionOf(row);
    });
  }

  #drop(watcher: Watcher): void {
    this.#watchers.delete(watcher);
    this.#hub.leave(watcher);
  }

  #fail(watcher: Watcher, error: Error): void {
    this.#drop(watcher);
    try {
      watcher.handler.onError(error);
    } catch (thrown) {
      this.#env.log.error('a watch handler threw when its watch ended', { error: String(thrown) });
    }
  }

  #assertOpen(): void {
    if (this.#closed) throw new StoreClosedError();
  }
}
