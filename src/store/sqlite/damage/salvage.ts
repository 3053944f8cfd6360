/** Takes what can still be read out of a damaged file into a new one; the damaged one is kept beside it. */

import { existsSync, renameSync, rmSync } from 'node:fs';
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import { openDatabase } from '../format.ts';
import { rowChecksum } from '../row-checksum.ts';
import { mergePages } from './merged-pages.ts';

type Row = Record<string, SQLOutputValue>;

const orders = ['ASC', 'DESC'] as const;

/** Returns where the damaged files lie now. `path` holds a whole store when this returns. */
export function salvage(path: string, writer: string): string {
  const aside = freeName(path);
  for (const suffix of ['', '-wal']) {
    if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
  }
  const merged = `${aside}.merged`;
  mergePages(aside, `${aside}-wal`, merged);
  const whole = openDatabase(path, writer);
  try {
    copyRows(merged, whole);
  } finally {
    whole.close();
    for (const suffix of ['', '-wal', '-shm']) rmSync(merged + suffix, { force: true });
  }
  return aside;
}

/** `state.db.damaged-1`, or the first number that is free. */
export function freeName(path: string): string {
  for (let number = 1; ; number++) {
    const name = `${path}.damaged-${number}`;
    if (![name, `${name}-wal`].some((taken) => existsSync(taken))) return name;
  }
}

/** From both ends up to the first page that cannot be read. */
function copyRows(from: string, to: DatabaseSync): void {
  const insert = to.prepare('INSERT OR IGNORE INTO log VALUES (?, ?, ?, ?, ?, ?)');
  to.exec('BEGIN IMMEDIATE');
  for (const order of orders) {
    for (const row of readableRows(from, order)) {
      const { id, key, created, version, value } = row as Row & { value: Uint8Array | null };
      insert.run(id!, key!, created!, version!, value, row['checksum'] ?? checksumOf(row));
    }
  }
  to.exec('COMMIT');
}

function* readableRows(path: string, order: (typeof orders)[number]): Generator<Row> {
  let db: DatabaseSync | undefined;
  try {
    // Without the guard, and as if to mend its schema, SQLite reads a file that is shorter than its header
    // says.
    db = new DatabaseSync(path, { defensive: false });
    db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA writable_schema = ON');
    yield* db.prepare(`SELECT * FROM log ORDER BY id ${order}`).iterate();
  } catch {
    // Here the readable part ends; the rows behind are looked for from the other end.
  } finally {
    db?.close();
  }
}

/** The first format had none: what it holds is taken as it is. */
function checksumOf(row: Row): number {
  const { id, key, created, version, value } = row;
  return rowChecksum({
    rowId: id as number,
    key: key as string,
    createRevision: created as number,
    version: version as number,
    value: (value as Uint8Array | null) ?? undefined,
  });
}
