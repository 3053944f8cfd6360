/** The log on a disk that may be full: what makes room may use the space that is kept for it. */

import type { LogRow } from '../mvcc/version.ts';
import { type SqliteFile, sqliteFull } from './file.ts';
import type { Reserve } from './reserve.ts';

export class GuardedFile {
  readonly log: SqliteFile;
  readonly #reserve: Reserve;

  constructor(log: SqliteFile, reserve: Reserve) {
    this.log = log;
    this.#reserve = reserve;
  }

  append(rows: readonly LogRow[], forDeletion: boolean): void {
    if (forDeletion) this.#withReserve(() => this.log.append(rows));
    else this.log.append(rows);
  }

  markCompacted(revision: number): void {
    this.#withReserve(() => this.log.markCompacted(revision));
  }

  discard(rowIds: readonly number[]): void {
    this.#withReserve(() => this.log.discard(rowIds));
  }

  /** Between two requests: keeps the write-ahead log small and the reserve in place. */
  tidyUp(): void {
    this.log.checkpointIfDue();
    this.#reserve.hold();
  }

  #withReserve(write: () => void): void {
    try {
      write();
    } catch (error) {
      if ((error as { errcode?: number }).errcode !== sqliteFull || !this.#reserve.release()) throw error;
      // The part of the write-ahead log that is in the file already is overwritten, so the log stops growing.
      this.log.checkpoint();
      write();
    }
  }
}
