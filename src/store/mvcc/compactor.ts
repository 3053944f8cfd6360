/** Bounds the history of a store by age and bytes, without requests from clients. */

import type { Env } from '#base/env.ts';
import { Repeater } from '#base/repeater.ts';
import { CompactedError } from '../errors.ts';
import type { MvccStore } from './store.ts';

export interface CompactionOptions {
  /** At this interval, history older than one interval is compacted; kube-apiserver's own is five minutes. */
  readonly intervalMs: number;
  /** Above this size the older half of the history is compacted at once. */
  readonly historyBytesMax: number;
}

export const defaultCompaction: CompactionOptions = {
  intervalMs: 5 * 60_000,
  historyBytesMax: 256 * 1024 * 1024,
};

/**
 * Written with every compaction, as upstream does, so that what was read before is always older than what is
 * kept: also where nothing else is written, a continue token ends after one to two intervals.
 */
const markKey = '/registry/compact_rev_key';

/** How often the size is looked at. */
const sizeCheckMs = 1000;

/** Returns the function that stops it. */
export function startCompactor(env: Env, store: MvccStore, options: CompactionOptions): () => void {
  let marked = store.newestRevision();
  let dueMs = env.clock.monotonicMs() + options.intervalMs;
  const checks = new Repeater(env.clock, sizeCheckMs, async () => {
    if (env.clock.monotonicMs() >= dueMs) {
      dueMs = env.clock.monotonicMs() + options.intervalMs;
      const revision = marked;
      await writeMark(store, revision);
      marked = store.newestRevision();
      await compactTo(env, store, revision);
    }
    if (store.historyBytes() > options.historyBytesMax) {
      await compactTo(env, store, store.revisionWithin(options.historyBytesMax / 2));
    }
  });
  checks.start();
  return () => checks.stop();
}

/** A store that cannot be written to reports it to its writers: the history is compacted nevertheless. */
async function writeMark(store: MvccStore, revision: number): Promise<void> {
  const value = Buffer.from(String(revision));
  await store.commit({ compare: [], ops: [{ type: 'put', key: markKey, value }] }).catch(() => {});
}

async function compactTo(env: Env, store: MvccStore, revision: number): Promise<void> {
  if (revision <= store.stats().compactedRevision) return;
  try {
    await store.compact(revision);
  } catch (error) {
    if (!(error instanceof CompactedError)) {
      env.log.warn('compaction failed', { revision, error: String(error) });
    }
  }
}
