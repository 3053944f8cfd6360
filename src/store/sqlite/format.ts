/**
 * The file of the sqlite store: opens it as its only owner, creates it, migrates an older format after a
 * backup, and refuses a newer one by name.
 */

import { chmodSync, closeSync, existsSync, openSync, renameSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { LogRow } from '../mvcc/version.ts';
import { rowChecksum } from './row-checksum.ts';

/** Brings a file from the format before it (its index in the list) to the next. */
export type Migration = (db: DatabaseSync) => void;

/** Number `n` leads to format `n + 1`; the first creates an empty store. */
export const storeMigrations: readonly Migration[] = [
  (db) =>
    db.exec(`
      CREATE TABLE log (
        id INTEGER PRIMARY KEY,   -- revision and place in the transaction
        key TEXT NOT NULL,
        created INTEGER NOT NULL, -- revision; 0 marks a deletion
        version INTEGER NOT NULL,
        value BLOB
      );
      CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
      INSERT INTO meta VALUES ('compactedRevision', 0);`),
  (db) => {
    db.function('row_checksum', (rowId, key, createRevision, version, value) =>
      rowChecksum({ rowId, key, createRevision, version, value: value ?? undefined } as LogRow),
    );
    db.exec(`
      ALTER TABLE log ADD COLUMN checksum INTEGER NOT NULL DEFAULT 0;
      UPDATE log SET checksum = row_checksum(id, key, created, version, value);`);
  },
];

/** "kybn", so that `file` and we ourselves tell our files from others. */
const applicationId = 0x6b79626e;
/**
 * Holds five objects of the usual 3 kB with little waste: measured half as fast again as 4096, and 20 %
 * smaller.
 */
export const pageBytes = 16384;
const sqliteBusy = 5;
export const sqliteNotADatabase = 26;

/** `writer` names the program in the file, for the message of an older one that meets it. */
export function openDatabase(path: string, writer: string, migrations = storeMigrations): DatabaseSync {
  createPrivately(path);
  const db = new DatabaseSync(path);
  try {
    configure(db);
    migrate(db, path, writer, migrations);
    return db;
  } catch (error) {
    db.close();
    throw explained(error, path);
  }
}

/** SQLite gives the -wal file the mode of the main one. */
export function createPrivately(path: string): void {
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
}

function configure(db: DatabaseSync): void {
  // Page size and vacuum mode count only while the file is empty. The exclusive lock keeps a second process
  // out and saves the shared-memory index.
  db.exec(`
    PRAGMA page_size = ${pageBytes};
    PRAGMA auto_vacuum = INCREMENTAL;
    PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = 0;
    PRAGMA journal_size_limit = 33554432;
    PRAGMA cache_size = -8192;`);
}

function migrate(db: DatabaseSync, path: string, writer: string, migrations: readonly Migration[]): void {
  const format = pragma(db, 'user_version');
  const isNew = format === 0 && pragma(db, 'page_count') <= 1;
  if (!isNew && pragma(db, 'application_id') !== applicationId) throw notOurs(path);
  if (format > migrations.length) {
    const by =
      db.prepare("SELECT value FROM meta WHERE name = 'writer'").get()?.['value'] ?? 'a newer kybern';
    throw new Error(
      `${path} was written by ${by} (store format ${format}); ${writer} knows formats up to ${migrations.length}`,
    );
  }
  if (format === migrations.length) return;
  if (!isNew) backUp(db, `${path}.format-${format}.bak`);
  db.exec('BEGIN IMMEDIATE');
  for (const step of migrations.slice(format)) step(db);
  db.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${migrations.length}`);
  db.prepare("INSERT OR REPLACE INTO meta VALUES ('writer', ?)").run(writer);
  db.exec('COMMIT');
}

/** A whole copy, also of what is only in the -wal file yet; an earlier try's copy is as good. */
function backUp(db: DatabaseSync, backupPath: string): void {
  if (existsSync(backupPath)) return;
  const partial = `${backupPath}.new`;
  rmSync(partial, { force: true });
  createPrivately(partial);
  db.prepare('VACUUM INTO ?').run(partial);
  renameSync(partial, backupPath);
}

export function pragma(db: DatabaseSync, name: string): number {
  return Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0] as number;
}

function explained(error: unknown, path: string): unknown {
  const code = (error as { errcode?: number }).errcode;
  if (code === sqliteBusy) return new Error(`${path} is in use by another process`);
  return code === sqliteNotADatabase ? notOurs(path) : error;
}

function notOurs(path: string): Error {
  return Object.assign(new Error(`${path} is not a kybern store`), { errcode: sqliteNotADatabase });
}
