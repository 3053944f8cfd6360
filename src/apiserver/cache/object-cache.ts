/**
 * The whole registry in memory, fed by one watch of the store: a single revision is that of every resource,
 * so that a consistent read only has to wait for that one number.
 */

import { type StatusError, serviceUnavailable } from '#api/meta/status.ts';
import type { Env } from '#base/env.ts';
import { type KeyValue, prefixRange, type Store, type WatchEvent } from '#store/store.ts';
import { readRange } from './read-range.ts';
import { type FieldsOf, ResourceCache } from './resource-cache.ts';
import { StoreFeed } from './store-feed.ts';

const root = '/registry/';
/** The store delivers within milliseconds; when it does not, something is wrong with it. */
const freshWaitMaxMs = 10_000;
/** However busy the thread is, watchers wait no longer for the next round. */
const pumpGapMaxMs = 75;
/** A round of so little leaves the thread to others for as long again; a longer one for twice as long. */
const shortPumpMs = 8;

export class ObjectCache {
  readonly #env: Env;
  readonly #store: Store;
  readonly #byPrefix = new Map<string, ResourceCache>();
  readonly #waiting = new Set<{ readonly revision: number; readonly resolve: () => void }>();
  readonly #feed: StoreFeed;
  #revision = 0;
  #pumpScheduled = false;
  #pumpGapMs = 0;
  #pumpEndedMs = Number.NEGATIVE_INFINITY;

  constructor(env: Env, store: Store) {
    this.#env = env;
    this.#store = store;
    this.#feed = new StoreFeed(env, store, prefixRange(root), {
      begin: () => this.#begin(),
      stage: (item) => this.#stage(item),
      loaded: (revision) => this.#loaded(revision),
      onEvents: (events, revision) => this.#onEvents(events, revision),
      lost: () => this.#endWatches(),
    });
  }

  /** Everything up to this revision has been seen. */
  get revision(): number {
    return this.#revision;
  }

  /** Why the cache does not follow the store now; undefined when it does. */
  get failure(): Error | undefined {
    return this.#feed.failure;
  }

  /**
   * `prefix` is the resource's folder of keys. A resource that comes after `start` has to be loaded by
   * `load`.
   */
  add(prefix: string, namespaced: boolean, fieldsOf: FieldsOf): ResourceCache {
    const cache = new ResourceCache(prefix, namespaced, fieldsOf, this.#revision, this.#env.log);
    this.#byPrefix.set(prefix, cache);
    return cache;
  }

  /**
   * Loads a resource that was added after `start`. Resolves when the whole cache is as new as what was
   * loaded.
   */
  async load(cache: ResourceCache): Promise<void> {
    const range = prefixRange(cache.prefix);
    for (;;) {
      const loading = cache.loadAlone();
      const stage = (item: KeyValue) => this.#guarded(item.key, () => cache.stageAlone(loading, item));
      const revision = await readRange(this.#store, this.#env.clock, range, stage);
      if (!cache.loadedAlone(loading, revision)) continue;
      if ((await this.waitFor(revision, freshWaitMaxMs)) === false) throw notKeepingUp();
      return;
    }
  }

  /** The resource is served no longer: its watches end. What is stored of it stays. */
  remove(cache: ResourceCache): void {
    if (this.#byPrefix.get(cache.prefix) === cache) this.#byPrefix.delete(cache.prefix);
    cache.watchers.close();
  }

  caches(): Iterable<ResourceCache> {
    return this.#byPrefix.values();
  }

  /** Loads what is stored, then follows the store, and does both again when the store's watch fails. */
  start(): Promise<void> {
    return this.#feed.start();
  }

  stop(): void {
    this.#feed.stop();
  }

  /**
   * Resolves with true when the cache holds everything up to `revision`, with false when it does not within
   * `waitMaxMs`; undefined when it does already.
   */
  waitFor(revision: number, waitMaxMs: number): Promise<boolean> | undefined {
    if (this.#revision >= revision) return undefined;
    return new Promise((resolve) => {
      const leave = this.onRevision(revision, () => {
        timer.cancel();
        resolve(true);
      });
      const late = () => {
        leave();
        resolve(false);
      };
      const timer = this.#env.clock.after(waitMaxMs, late, { holdsProcess: true });
    });
  }

  /** Calls back once the cache has come to `revision`. The returned function ends the wait. */
  onRevision(revision: number, callback: () => void): () => void {
    const waiting = { revision, resolve: callback };
    this.#waiting.add(waiting);
    return () => void this.#waiting.delete(waiting);
  }

  /** Resolves when the cache is as fresh as the store is now; undefined when it is already. */
  fresh(): Promise<void> | undefined {
    const newest = this.#store.newestRevision();
    return typeof newest === 'number'
      ? this.#freshAt(newest)
      : newest.then((revision) => this.#freshAt(revision), storeLost);
  }

  #freshAt(revision: number): Promise<void> | undefined {
    return this.waitFor(revision, freshWaitMaxMs)?.then((isFresh) => {
      if (!isFresh) throw notKeepingUp();
    });
  }

  /** `revision` may be lower than the known one: the store was restored from a backup. */
  #loaded(revision: number): void {
    for (const cache of this.#byPrefix.values()) cache.loadedAt(revision);
    this.#revision = revision;
    this.#endWatches();
    if (this.#waiting.size > 0) this.#release();
  }

  /** The clients list again: which changes they have missed is not known. */
  #endWatches(): void {
    for (const cache of this.#byPrefix.values()) cache.watchers.end();
  }

  #onEvents(events: readonly WatchEvent[], revision: number): void {
    let wanted = false;
    for (const event of events) if (this.#apply(event)) wanted = true;
    this.#revision = Math.max(this.#revision, revision);
    if (wanted) this.#schedulePump();
    if (this.#waiting.size > 0) this.#release();
  }

  #begin(): void {
    for (const cache of this.#byPrefix.values()) cache.beginStaging();
  }

  #stage({ key, value, modRevision, unreadable }: KeyValue): void {
    this.#guarded(key, () => this.#find(key)?.stage(key, value, modRevision, unreadable));
  }

  #apply({ key, current, revision }: WatchEvent): boolean {
    return (
      this.#guarded(key, () => this.#find(key)?.apply(key, current?.value, revision, current?.unreadable)) ??
      false
    );
  }

  /** One object that cannot be read must not stop the others. */
  #guarded<T>(key: string, work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.#env.log.error('a stored object could not be read', { key, error: String(error) });
      return undefined;
    }
  }

  #release(): void {
    for (const waiter of this.#waiting) {
      if (waiter.revision > this.#revision) continue;
      this.#waiting.delete(waiter);
      waiter.resolve();
    }
  }

  /**
   * Watchers are served at once when the machine is idle. Under load rounds are spaced by what the last one
   * took, so that delivery takes half of the thread, or a third, and each write carries more events. A round ends
   * with the turn of the event loop: the sockets are written to after the streams have been.
   */
  #schedulePump(): void {
    if (this.#pumpScheduled) return;
    this.#pumpScheduled = true;
    const waitMs = this.#pumpEndedMs + this.#pumpGapMs - this.#env.clock.monotonicMs();
    if (waitMs > 1) this.#env.clock.after(waitMs, () => this.#pump());
    else this.#env.clock.nextTurn(() => this.#pump());
  }

  #pump(): void {
    this.#pumpScheduled = false;
    const startedMs = this.#env.clock.monotonicMs();
    for (const cache of this.#byPrefix.values()) cache.watchers.pump();
    this.#env.clock.nextTurn(() => {
      this.#pumpEndedMs = this.#env.clock.monotonicMs();
      this.#pumpGapMs = gapAfter(this.#pumpEndedMs - startedMs);
    });
  }

  #find(key: string): ResourceCache | undefined {
    const first = key.indexOf('/', root.length);
    const short = this.#byPrefix.get(key.slice(0, first + 1));
    if (short) return short;
    return this.#byPrefix.get(key.slice(0, key.indexOf('/', first + 1) + 1));
  }
}

function storeLost(error: Error): never {
  throw serviceUnavailable(`the store does not answer: ${error.message}`);
}

function notKeepingUp(): StatusError {
  return serviceUnavailable('the watch cache does not keep up with the store');
}

function gapAfter(pumpMs: number): number {
  return pumpMs <= shortPumpMs ? pumpMs : Math.min(2 * pumpMs, pumpGapMaxMs);
}
