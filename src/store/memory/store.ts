/** A store that lives as long as the process: for tests and throw-away clusters. */

import type { Env } from '#base/env.ts';
import { type CompactionOptions, defaultCompaction, startCompactor } from '../mvcc/compactor.ts';
import { emptyState, LogStore } from '../mvcc/log-store.ts';
import { memoryStorage } from '../storage.ts';
import type { Store } from '../store.ts';

export interface MemoryStoreOptions {
  readonly compaction?: Partial<CompactionOptions>;
}

export function openMemoryStore(env: Env, options: MemoryStoreOptions = {}): Store {
  // Without a disk there is nowhere to read old values back from: all history stays hot.
  const state = emptyState(Number.POSITIVE_INFINITY);
  let stopCompactor = () => {};
  const storage = { ...memoryStorage, close: async () => stopCompactor() };
  const store = new LogStore(env, storage, state);
  stopCompactor = startCompactor(env, store, { ...defaultCompaction, ...options.compaction });
  return store;
}
