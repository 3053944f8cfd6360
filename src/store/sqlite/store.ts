/** A store in one SQLite file: what it acknowledged survives the process, the machine and a full disk. */

import type { Env } from '#base/env.ts';
import { StoreLossError } from '../errors.ts';
import { changeOf } from '../mvcc/commit-queue.ts';
import { type CompactionOptions, defaultCompaction, startCompactor } from '../mvcc/compactor.ts';
import { obsoleteRows } from '../mvcc/history.ts';
import type { RowLog } from '../mvcc/row-log.ts';
import { emptyState, type LoadedState, MvccStore } from '../mvcc/store.ts';
import { type LogRow, revisionOf, versionOf } from '../mvcc/version.ts';
import type { LocalStore } from '../store.ts';
import { SqliteRowLog } from './row-log.ts';

export interface SqliteStoreOptions {
  readonly path: string;
  readonly env: Env;
  /** Name and version of this program, written into the file. */
  readonly writer?: string;
  readonly compaction?: Partial<CompactionOptions>;
  /** History whose values are also kept in memory. */
  readonly historyHotBytesMax?: number;
  /**
   * A revision that this store has had before. A file that is behind it was put back from a backup: the store
   * then goes on far above any revision it can have returned, and compacts the gap, so that all watchers have
   * to list again.
   */
  readonly knownRevision?: number;
  /** This store has been used before: that its file is absent or empty is a loss. Default false. */
  readonly isUsed?: boolean;
  /** Go on without what is lost, instead of rejecting with `StoreLossError`. Default false. */
  readonly acceptLoss?: boolean;
  /** A sentence for each thing that is missing and was accepted, or that a backup does not hold. */
  readonly onLoss?: (what: string) => void;
  /** Disk space that only deletions may use when there is no other. Default 16 MiB. */
  readonly reserveBytes?: number;
  /** The storage thread's file, where it is not `sqlite-worker` beside this one. */
  readonly workerUrl?: URL;
}

/** More revisions than can have been given since `knownRevision` was noted. */
const revisionGap = 1_000_000;
const defaultReserveBytes = 16 * 1024 * 1024;
const defaultHistoryHotBytesMax = 16 * 1024 * 1024;

export async function openSqliteStore(options: SqliteStoreOptions): Promise<LocalStore> {
  const { env, path, writer = 'kybern', knownRevision = 0 } = options;
  const { isUsed = false, acceptLoss = false, reserveBytes = defaultReserveBytes } = options;
  const thread = { path, writer, policy: { isUsed, acceptLoss }, reserveBytes };
  const sqlite = new SqliteRowLog(thread, env.clock, options.workerUrl, (error) => {
    env.log.error('the store can no longer write; reads go on until a restart', {
      path,
      error: error.message,
    });
  });
  const loader = new Loader(options.historyHotBytesMax ?? defaultHistoryHotBytesMax);
  const { compactedRevision, losses, wasKilled } = await sqlite.load((row) => loader.add(row));
  const { state, leftOver } = loader.finish(compactedRevision);
  const gap = gapOf(path, state.revision, knownRevision, wasKilled);
  if (gap && wasKilled && !acceptLoss) {
    await sqlite.close(true);
    throw new StoreLossError(gap);
  }
  const lost = gap ? [...losses, gap] : losses;
  const isBehind = lost.length > 0;
  const revision = isBehind ? Math.max(knownRevision, state.revision) + revisionGap : state.revision;
  let stopCompactor = () => {};
  const rowLog: RowLog = {
    append: (rows, forDeletion) => sqlite.append(rows, forDeletion),
    refusal: () => sqlite.refusal(),
    read: (rowIds) => sqlite.read(rowIds),
    discard: (rowIds, revision) => sqlite.discard(rowIds, revision),
    sizeBytes: () => sqlite.sizeBytes(),
    failure: () => sqlite.failure(),
    close: () => {
      stopCompactor();
      return sqlite.close();
    },
  };
  const store = new MvccStore(env, rowLog, { ...state, revision });
  sqlite.forget(leftOver).catch((error) => {
    env.log.warn('rows of a compaction cut short could not be removed', { error: String(error) });
  });
  if (isBehind) {
    for (const what of lost) {
      env.log.warn('the store does not hold all it has acknowledged', { path, what });
      options.onLoss?.(what);
    }
    // All watchers have to list again: a revision never means two states.
    await store.compact(revision);
  }
  stopCompactor = startCompactor(env, store, { ...defaultCompaction, ...options.compaction });
  return store;
}

/** A file that is behind what it has had before: its tail was lost, or it was put back from a backup. */
function gapOf(path: string, revision: number, known: number, wasKilled: boolean): string | undefined {
  if (revision >= known) return undefined;
  const why = wasKilled ? 'its last writes are lost' : 'it was put back from a backup';
  return `${path} ends at revision ${revision} and has been at ${known}: ${why}`;
}

/** Plays the log from the beginning. */
class Loader {
  readonly #state: LoadedState;
  #revision = 1;

  constructor(historyHotBytesMax: number) {
    this.#state = emptyState(historyHotBytesMax);
  }

  add(row: LogRow): void {
    const { live, history } = this.#state;
    const { key, rowId } = row;
    const previous = live.get(key);
    const current = row.value && versionOf({ ...row, value: row.value.slice() });
    if (current) live.set(key, current);
    else live.delete(key);
    this.#revision = revisionOf(rowId);
    history.append(changeOf(key, this.#revision, rowId, current, previous));
  }

  /** `leftOver`: rows that a compaction had not discarded yet when the process ended. */
  finish(compactedRevision: number): { state: LoadedState; leftOver: number[] } {
    const leftOver = this.#state.history.dropBefore(compactedRevision).flatMap(obsoleteRows);
    // The last rows may have been left behind by a compaction that went further.
    const revision = Math.max(this.#revision, compactedRevision);
    return { state: { ...this.#state, revision, compactedRevision }, leftOver };
  }
}
