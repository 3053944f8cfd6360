/**
 * The log's rows in a SQLite file, synchronously: append durably, read and verify, discard, and keep the file
 * and its write-ahead log small.
 */

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type LogRow, revisionOf } from '../mvcc/version.ts';
import { createPrivately, openDatabase, pageBytes, pragma } from './format.ts';
import { rowChecksum } from './row-checksum.ts';

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
  checksum: number;
}

export class SqliteFile {
  readonly #db: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #select: StatementSync;
  readonly #delete: StatementSync;
  readonly #pageCount: StatementSync;
  #uncheckpointedBytes = 0;
  #vacuumed = false;

  constructor(path: string, writer: string) {
    this.#db = openDatabase(path, writer);
    this.#insert = this.#db.prepare('INSERT INTO log VALUES (?, ?, ?, ?, ?, ?)');
    this.#select = this.#db.prepare('SELECT * FROM log WHERE id = ?');
    this.#delete = this.#db.prepare('DELETE FROM log WHERE id = ?');
    this.#pageCount = this.#db.prepare('PRAGMA page_count');
  }

  compactedRevision(): number {
    return this.#db.prepare("SELECT value FROM meta WHERE name = 'compactedRevision'").get()![
      'value'
    ] as number;
  }

  /** What SQLite's own check of the file finds first, or undefined. */
  structureDamage(): string | undefined {
    const found = this.#db.prepare('PRAGMA quick_check(1)').get()!['quick_check'] as string;
    return found === 'ok' ? undefined : found.replaceAll('\n', ' ');
  }

  /** All rows, oldest first, but those whose checksum is wrong: they go to `onDamaged`. */
  *rows(onDamaged: (row: LogRow) => void): Generator<LogRow> {
    for (const found of this.#db.prepare('SELECT * FROM log ORDER BY id').iterate()) {
      const row = logRow(found as unknown as SqlRow);
      if (rowChecksum(row) === found['checksum']) yield row;
      else onDamaged(row);
    }
  }

  /** All rows or none; on return they are on the disk. */
  append(rows: readonly LogRow[]): void {
    this.#transaction(() => {
      for (const row of rows) {
        const { rowId, key, createRevision, version, value } = row;
        this.#insert.run(rowId, key, createRevision, version, value ?? null, rowChecksum(row));
        this.#uncheckpointedBytes += (value?.length ?? 0) + key.length + rowOverheadBytes;
      }
    });
  }

  read(rowIds: readonly number[]): LogRow[] {
    return rowIds.flatMap((rowId) => {
      const found = this.#select.get(rowId) as unknown as SqlRow | undefined;
      if (!found) return [];
      const row = logRow(found);
      if (rowChecksum(row) !== found.checksum) throw new Error(damageOf(row));
      return [row];
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

  /**
   * Moves the write-ahead log into the file when it has grown enough; to be called after the writer was
   * answered.
   */
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

  /** Moves everything into the file itself; false when something is in the way, as a full disk is. */
  moveIntoFile(): boolean {
    try {
      return this.#db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()!['busy'] === 0;
    } catch {
      return false;
    }
  }

  /** A copy of the file as it is. */
  copyTo(path: string): void {
    createPrivately(path);
    this.#db.prepare('VACUUM INTO ?').run(path);
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

export function damageOf({ key, rowId }: LogRow): string {
  return `${key}: its value at revision ${revisionOf(rowId)} is not what was written`;
}

function logRow(row: SqlRow): LogRow {
  const { id, key, created, version, value } = row;
  return { rowId: id, key, createRevision: created, version, value: value ?? undefined };
}
