/**
 * The storage thread: owns the SQLite file, sends what it holds, then answers one request after the other.
 *
 * It is started by file name: a bundle needs it as an entry of its own, beside the main one and with its extension.
 */

import { parentPort, workerData } from 'node:worker_threads';
import { SqliteLog, sqliteFull } from './sqlite-log.ts';
import {
  type Failure,
  packRows,
  type Reply,
  type Request,
  transferOf,
  unpackRows,
  type WorkerOptions,
} from './sqlite-messages.ts';
import type { LogRow } from './version.ts';

const loadBytesPerMessage = 4 * 1024 * 1024;
const sqliteIoErrorFsync = 1034;

const port = parentPort!;

function send(reply: Reply, transfer: ArrayBuffer[] = []): void {
  port.postMessage(reply, transfer);
}

function open({ path, writer }: WorkerOptions): void {
  let log: SqliteLog;
  try {
    log = new SqliteLog(path, writer);
    load(log);
  } catch (error) {
    send({ type: 'openFailed', failure: failureOf(error) });
    port.close();
    return;
  }
  send({ type: 'ready', compactedRevision: log.compactedRevision(), sizeBytes: log.sizeBytes() });
  port.on('message', (request: Request) => answer(log, request));
}

function load(log: SqliteLog): void {
  let batch: LogRow[] = [];
  let bytes = 0;
  const flush = () => {
    const rows = packRows(batch);
    send({ type: 'loaded', rows }, transferOf(rows));
    batch = [];
    bytes = 0;
  };
  for (const row of log.rows()) {
    batch.push(row);
    bytes += (row.value?.length ?? 0) + row.key.length;
    if (bytes > loadBytesPerMessage) flush();
  }
  flush();
}

function answer(log: SqliteLog, request: Request): void {
  try {
    const { rows, more, spare } = perform(log, request);
    const sizeBytes = request.type === 'close' ? 0 : log.sizeBytes();
    send({ type: 'done', sizeBytes, rows, more, spare }, rows ? transferOf(rows) : spare ? [spare] : []);
  } catch (error) {
    send({ type: 'failed', failure: failureOf(error) });
  }
  if (request.type === 'close') port.close();
  else checkpoint(log);
}

type Outcome = Pick<Extract<Reply, { type: 'done' }>, 'rows' | 'more' | 'spare'>;

function perform(log: SqliteLog, request: Request): Outcome {
  switch (request.type) {
    case 'append':
      log.append([...unpackRows(request.rows)]);
      return { spare: request.rows.values.buffer };
    case 'read':
      return { rows: packRows(log.read(request.rowIds)) };
    case 'markCompacted':
      log.markCompacted(request.revision);
      return {};
    case 'discard':
      log.discard(request.rowIds);
      return {};
    case 'vacuumStep':
      return { more: log.vacuumStep() };
    case 'close':
      log.close();
      return {};
  }
}

/** What cannot be moved into the file yet (a full disk) stays in the write-ahead log; the next turn tries again. */
function checkpoint(log: SqliteLog): void {
  try {
    log.checkpointIfDue();
  } catch {
    // Nothing is lost, and a write that finds no room says so itself.
  }
}

function failureOf(error: unknown): Failure {
  const { errcode, message } = error as { errcode?: number; message: string };
  if (errcode === sqliteFull) return { kind: 'full', message };
  return { kind: errcode === sqliteIoErrorFsync ? 'disk' : 'other', message };
}

open(workerData as WorkerOptions);
