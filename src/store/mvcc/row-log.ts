/** Storage of the log's rows: the only difference between the memory and the sqlite store. */

import type { LogRow } from './version.ts';

export interface RowLog {
  /**
   * Keeps all rows or none; resolves when they are durable. Called again only after it settled. With
   * `forDeletion` a full disk's last space may be used.
   */
  append(rows: readonly LogRow[], forDeletion: boolean): Promise<void>;
  /** Why an ordinary write would fail now (a full disk), or undefined. Called before each write. */
  refusal(): Error | undefined;
  /** The rows with these ids; those that were discarded are missing in the answer. */
  read(rowIds: readonly number[]): Promise<Map<number, LogRow>>;
  /** Records that history before `revision` is gone, then forgets these rows, in the background. */
  discard(rowIds: readonly number[], compactedRevision: number): Promise<void>;
  /** Bytes held on disk; undefined where the rows are only in memory. */
  sizeBytes(): number | undefined;
  /** Why writes fail, if so: now, or until the store is opened again. */
  failure(): Error | undefined;
  close(): Promise<void>;
}
