/**
 * The ceiling of bench/store.ts: appends groups of rows to a SQLite file as fast as it can, and reports rows
 * per second.
 */

import { parentPort, workerData } from 'node:worker_threads';
import { openDatabase, pageBytes } from '#store/sqlite/format.ts';

const { path, rowsPerGroup, valueBytes, runMs } = workerData as {
  path: string;
  rowsPerGroup: number;
  valueBytes: number;
  runMs: number;
};

const db = openDatabase(path, 'bench');
// SQLite's own checkpoints, at the store's interval.
db.exec(`PRAGMA wal_autocheckpoint = ${(8 * 1024 * 1024) / pageBytes}`);
const insert = db.prepare('INSERT INTO log VALUES (?, ?, ?, ?, ?, 0)');
const value = new Uint8Array(valueBytes);
const endMs = performance.now() + runMs;
let count = 0;
while (performance.now() < endMs) {
  db.exec('BEGIN IMMEDIATE');
  for (let i = 0; i < rowsPerGroup; i++) {
    insert.run(++count, `/registry/pods/bench/pod-${count}`, 1, 1, value);
  }
  db.exec('COMMIT');
}
db.close();
parentPort!.postMessage((count * 1000) / runMs);
