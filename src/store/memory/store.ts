/** A store that lives as long as the process: for tests and temporary clusters. */

import { type Clock, nextTurn } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import { type CompactionOptions, defaultCompaction, startCompactor } from '../mvcc/compactor.ts';
import type { RowLog } from '../mvcc/row-log.ts';
import { emptyState, MvccStore } from '../mvcc/store.ts';
import type { LocalStore } from '../store.ts';

export interface MemoryStoreOptions {
  readonly compaction?: Partial<CompactionOptions>;
}

/** Stores nothing: the index and the history hold everything. */
export const memoryRowLog = (clock: Clock): RowLog => ({
  // A turn of the event loop for each group: busy writers must not keep everything else from running.
  append: () => nextTurn(clock),
  refusal: () => undefined,
  read: async () => new Map(),
  discard: async () => {},
  sizeBytes: () => undefined,
  failure: () => undefined,
  close: async () => {},
});

export function openMemoryStore(env: Env, options: MemoryStoreOptions = {}): LocalStore {
  // Without a disk old values cannot be read back: all history stays hot.
  const state = emptyState(Number.POSITIVE_INFINITY);
  let stopCompactor = () => {};
  const rowLog = { ...memoryRowLog(env.clock), close: async () => stopCompactor() };
  const store = new MvccStore(env, rowLog, state);
  stopCompactor = startCompactor(env, store, { ...defaultCompaction, ...options.compaction });
  return store;
}
