/**
 * Feeds a cache from the store: the whole, then each change, for ever.
 *
 *   1. load what is stored, in pages of one revision
 *   2. watch from the next revision
 *   3. when the watch fails, say so, wait (0.8 s doubling to 30 s, with jitter) and begin again
 */

import { BackOff } from '#base/back-off.ts';
import { pause } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import { reflectorBackOff } from '#client/informers/reflector.ts';
import type { KeyRange, KeyValue, Store, WatchEvent, WatchHandle } from '#store/store.ts';
import { readRange } from './read-range.ts';

export interface FedCache {
  /** A load begins; what one that failed had staged is void. */
  begin(): void;
  /** One of the objects that are stored now. */
  stage(item: KeyValue): void;
  /** All objects have been staged, as of `revision`. */
  loaded(revision: number): void;
  onEvents(events: readonly WatchEvent[], revision: number): void;
  /** What changes from now on is not seen until the next `loaded`. */
  lost(): void;
}

export class StoreFeed {
  /** Why the cache is not fed just now, if so. */
  failure: Error | undefined;
  readonly #env: Env;
  readonly #store: Store;
  readonly #range: KeyRange;
  readonly #cache: FedCache;
  readonly #backOff: BackOff;
  readonly #stopping = new AbortController();
  #watch: WatchHandle | undefined;

  constructor(env: Env, store: Store, range: KeyRange, cache: FedCache) {
    this.#env = env;
    this.#store = store;
    this.#range = range;
    this.#cache = cache;
    this.#backOff = new BackOff(env, reflectorBackOff);
  }

  /** Resolves when everything is loaded; throws when the first load fails. */
  async start(): Promise<void> {
    const revision = await this.#load();
    if (this.#stopping.signal.aborted) return;
    this.#cache.loaded(revision);
    this.failure = undefined;
    this.#watch = this.#store.watch(this.#range, revision + 1, {
      onEvents: (events, upTo) => this.#cache.onEvents(events, upTo),
      onError: (error) => void this.#recover(error),
    });
  }

  stop(): void {
    this.#stopping.abort();
    this.#watch?.cancel();
  }

  async #load(): Promise<number> {
    this.#cache.begin();
    return readRange(this.#store, this.#env.clock, this.#range, (item) => this.#cache.stage(item));
  }

  async #recover(lost: Error): Promise<void> {
    const { clock, log } = this.#env;
    const { signal } = this.#stopping;
    this.failure = lost;
    log.error('the watch cache lost the store', { error: lost.message });
    this.#cache.lost();
    for (;;) {
      await pause(clock, this.#backOff.nextMs(), signal);
      if (signal.aborted) return;
      try {
        await this.start();
        return log.info('the watch cache has been rebuilt');
      } catch (error) {
        this.failure = error as Error;
        log.warn('the watch cache could not be rebuilt, trying again', { error: String(error) });
      }
    }
  }
}
