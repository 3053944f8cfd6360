/**
 * The storage thread on a failing disk: while a file `<store>.broken` exists beside the store, a commit fails
 * with SQLite's error for a failed fsync.
 */

import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { workerData } from 'node:worker_threads';
import type { WorkerOptions } from '#store/sqlite/messages.ts';

const sqliteIoErrorFsync = 1034;
const { path } = workerData as WorkerOptions;
const { exec } = DatabaseSync.prototype;

DatabaseSync.prototype.exec = function (sql) {
  if (sql === 'COMMIT' && existsSync(`${path}.broken`)) {
    throw Object.assign(new Error('disk I/O error'), { errcode: sqliteIoErrorFsync });
  }
  exec.call(this, sql);
};

await import('#store/sqlite/sqlite-worker.ts');
