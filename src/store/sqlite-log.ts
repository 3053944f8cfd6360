/**
 * The log's rows in a SQLite file, synchronously: append durably, read, discard, and keep the file and its
 * write-ahead log small.
 */

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { openDatabase, pageBytes, pragma } from './sqlite-format.ts';
import type { LogRow } from './version.ts';

/** Bytes written since the last checkpoint above which the next one runs; bounds the -wal file. */
const checkpointBytes = 8 * 1024 * 1024;
/** Free pages are given back when they are more than this and a quarter of the file. */
const freePagesMax = 256;
const vacuumStepPages = 64;
/** Pages a transaction writes beside those its rows fill. */
const commitOverheadBytes = 2 * pageBytes;
const rowOverheadBytes = 64;
/** Discarded rows lie near each other: several share a page that is written. */
const discardedRowBytes = 4096;
export const sqliteFull = 13;

interface SqlRow {
  id: number;
  key: string;
  created: number;
  version: number;
  value: Uint8Array | null;
}

export class SqliteLog {
  readonly #db: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #select: StatementSync;
  readonly #delete: StatementSync;
  readonly #pageCount: StatementSync;
  #uncheckpointedBytes = 0;
  #vacuumed = false;

  constructor(path: string, writer: string) {
    this.#db = openDatabase(path, writer);
    this.#insert = this.#db.prepare('INSERT INTO log VALUES (?, ?, ?, ?, ?)');
    this.#select = this.#db.prepare('SELECT * FROM log WHERE id = ?');
    this.#delete = this.#db.prepare('DELETE FROM log WHERE id = ?');
    this.#pageCount = this.#db.prepare('PRAGMA page_count');
  }

  compactedRevision(): number {
    return this.#db.prepare("SELECT value FROM meta WHERE name = 'compactedRevision'").get()![
      'value'
    ] as number;
  }

  /** All rows, oldest first. */
  *rows(): Generator<LogRow> {
    for (const row of this.#db.prepare('SELECT * FROM log ORDER BY id').iterate()) {
      yield logRow(row as unknown as SqlRow);
    }
  }

  /** All rows or none; on return they are on the disk. */
  append(rows: readonly LogRow[]): void {
    this.#transaction(() => {
      for (const row of rows) {
        this.#insert.run(row.rowId, row.key, row.createRevision, row.version, row.value ?? null);
        this.#uncheckpointedBytes += (row.value?.length ?? 0) + row.key.length + rowOverheadBytes;
      }
    });
  }

  read(rowIds: readonly number[]): LogRow[] {
    return rowIds.flatMap((rowId) => {
      const row = this.#select.get(rowId) as unknown as SqlRow | undefined;
      return row ? [logRow(row)] : [];
    });
  }

  markCompacted(revision: number): void {
    this.#transaction(() => {
      this.#db.prepare("UPDATE meta SET value = ? WHERE name = 'compactedRevision'").run(revision);
    });
  }

  discard(rowIds: readonly number[]): void {
    this.#transaction(() => {
      for (const rowId of rowIds) this.#delete.run(rowId);
      this.#uncheckpointedBytes += rowIds.length * discardedRowBytes;
    });
  }

  /** Gives free pages back, a step of them; false when there is nothing left to give. */
  vacuumStep(): boolean {
    const free = pragma(this.#db, 'freelist_count');
    if (free <= freePagesMax || free * 4 <= pragma(this.#db, 'page_count')) {
      // Only a checkpoint cuts the file.
      if (this.#vacuumed) this.checkpoint();
      this.#vacuumed = false;
      return false;
    }
    this.#vacuumed = true;
    this.#db.exec(`PRAGMA incremental_vacuum(${vacuumStepPages})`);
    this.#uncheckpointedBytes += 2 * vacuumStepPages * pageBytes;
    return true;
  }

  /** Moves the write-ahead log into the file when it has grown enough; to be called after the writer was answered. */
  checkpointIfDue(): void {
    if (this.#uncheckpointedBytes < checkpointBytes) return;
    this.checkpoint();
  }

  checkpoint(): void {
    this.#db.exec('PRAGMA wal_checkpoint(PASSIVE)');
    this.#uncheckpointedBytes = 0;
  }

  sizeBytes(): number {
    const pages = this.#pageCount.get()!['page_count'] as number;
    return pages * pageBytes + this.#uncheckpointedBytes;
  }

  close(): void {
    this.#db.close();
  }

  /** On a full disk a checkpoint may make room: the write-ahead log then starts again in the space it has. */
  #transaction(body: () => void): void {
    try {
      this.#tryTransaction(body);
    } catch (error) {
      if ((error as { errcode?: number }).errcode !== sqliteFull) throw error;
      this.checkpoint();
      this.#tryTransaction(body);
    }
  }

  #tryTransaction(body: () => void): void {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      body();
      this.#db.exec('COMMIT');
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
    this.#uncheckpointedBytes += commitOverheadBytes;
  }
}

function logRow(row: SqlRow): LogRow {
  const { id, key, created, version, value } = row;
  return { rowId: id, key, createRevision: created, version, value: value ?? undefined };
}
