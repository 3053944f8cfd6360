import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { openDatabase, storeMigrations } from './format.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kybern-format-'));
  path = join(folder, 'store.db');
});
afterEach(() => rmSync(folder, { recursive: true }));

const nextFormat = [
  ...storeMigrations,
  (db: { exec(sql: string): void }) => db.exec('ALTER TABLE log ADD extra'),
];

test('a file – of an older format – is backed up and migrated; of a newer one it is refused by name', () => {
  const old = openDatabase(path, 'kybern 1');
  old.exec("INSERT INTO log VALUES (1, 'key', 1, 1, NULL, 0)");
  old.close();
  const migrated = openDatabase(path, 'kybern 2', nextFormat);
  assert.deepEqual({ ...migrated.prepare('SELECT key, extra FROM log').get() }, { key: 'key', extra: null });
  migrated.close();
  assert.throws(
    () => openDatabase(path, 'kybern 1'),
    /store\.db was written by kybern 2 \(store format 3\); kybern 1 /,
  );

  const backupPath = `${path}.format-2.bak`;
  assert.equal(statSync(backupPath).mode & 0o777, 0o600);
  const backup = openDatabase(backupPath, 'kybern 1');
  assert.equal(backup.prepare('SELECT count(*) AS n FROM log').get()!['n'], 1);
  backup.close();
});

test('a migration – that fails – leaves the file as it was', () => {
  openDatabase(path, 'kybern 1').close();
  const broken = [
    ...storeMigrations,
    (db: { exec(sql: string): void }) => db.exec('DROP TABLE log; nonsense'),
  ];
  assert.throws(() => openDatabase(path, 'kybern 2', broken));
  const db = openDatabase(path, 'kybern 1');
  assert.equal(db.prepare('SELECT count(*) AS n FROM log').get()!['n'], 0);
  db.close();
});

test('a file – of another program – is left alone', () => {
  writeFileSync(
    path,
    'not a database at all, but long enough to have a header of a hundred bytes '.repeat(3),
  );
  assert.throws(() => openDatabase(path, 'kybern 1'), /store\.db is not a kybern store/);
  assert.equal(existsSync(`${path}.format-0.bak`), false);
});
