/**
 * The storage thread: owns the SQLite file, sends what it holds, then answers one request after the other.
 *
 * It is started by file name: a bundle needs it as an entry of its own, beside the main one and with its
 * extension.
 */

import { parentPort, workerData } from 'node:worker_threads';
import { StoreLossError } from '../errors.ts';
import type { LogRow } from '../mvcc/version.ts';
import { leaveUnopened, openChecked } from './damage/checked-open.ts';
import { markClosed, markOpen } from './damage/opened-mark.ts';
import { freeName } from './damage/salvage.ts';
import { damageOf, type SqliteFile, sqliteFull } from './file.ts';
import { GuardedFile } from './guarded-file.ts';
import {
  type Failure,
  packRows,
  type Reply,
  type Request,
  transferOf,
  unpackRows,
  type WorkerOptions,
} from './messages.ts';
import { Reserve } from './reserve.ts';

const loadBytesPerMessage = 4 * 1024 * 1024;
const sqliteIoErrorFsync = 1034;
const namedRowsMax = 3;

const port = parentPort!;

function send(reply: Reply, transfer: ArrayBuffer[] = []): void {
  port.postMessage(reply, transfer);
}

function open(options: WorkerOptions): void {
  const { path, writer, policy, reserveBytes } = options;
  let log: SqliteFile | undefined;
  try {
    const checked = openChecked(path, writer, policy);
    log = checked.log;
    const losses = [...checked.losses, ...damagedRows(log, options, load(log))];
    markOpen(path);
    const [compactedRevision, sizeBytes] = [log.compactedRevision(), log.sizeBytes()];
    send({ type: 'ready', compactedRevision, sizeBytes, losses, wasKilled: checked.wasKilled });
  } catch (error) {
    if (log) leaveUnopened(path, log);
    send({ type: 'openFailed', failure: failureOf(error) });
    port.close();
    return;
  }
  const file = new GuardedFile(log, new Reserve(`${path}.reserve`, reserveBytes));
  port.on('message', (request: Request) => answer(path, file, request));
}

/**
 * Damaged rows are refused, or taken out after the whole file was copied; one sentence each for the first of
 * them.
 */
function damagedRows(log: SqliteFile, { path, policy }: WorkerOptions, rows: readonly LogRow[]): string[] {
  if (rows.length === 0) return [];
  const first = rows.slice(0, namedRowsMax).map(damageOf).join('; ');
  const damage = `${path} is damaged in ${rows.length} of its rows: ${first}`;
  if (!policy.acceptLoss) throw new StoreLossError(damage);
  const aside = freeName(path);
  log.copyTo(aside);
  log.discard(rows.map((row) => row.rowId));
  return [`${damage}; they were taken out, the damaged file is ${aside}`];
}

/** Sends all rows but the damaged ones, which it returns. */
function load(log: SqliteFile): LogRow[] {
  const damaged: LogRow[] = [];
  let batch: LogRow[] = [];
  let bytes = 0;
  const flush = () => {
    const rows = packRows(batch);
    send({ type: 'loaded', rows }, transferOf(rows));
    batch = [];
    bytes = 0;
  };
  for (const row of log.rows((row) => damaged.push(row))) {
    batch.push(row);
    bytes += (row.value?.length ?? 0) + row.key.length;
    if (bytes > loadBytesPerMessage) flush();
  }
  flush();
  return damaged;
}

function answer(path: string, log: GuardedFile, request: Request): void {
  try {
    const { rows, more, spare } = perform(path, log, request);
    const sizeBytes = request.type === 'close' ? 0 : log.log.sizeBytes();
    send({ type: 'done', sizeBytes, rows, more, spare }, rows ? transferOf(rows) : spare ? [spare] : []);
  } catch (error) {
    send({ type: 'failed', failure: failureOf(error) });
  }
  if (request.type === 'close') port.close();
  else tidyUp(log);
}

type Outcome = Pick<Extract<Reply, { type: 'done' }>, 'rows' | 'more' | 'spare'>;

function perform(path: string, log: GuardedFile, request: Request): Outcome {
  switch (request.type) {
    case 'append':
      log.append([...unpackRows(request.rows)], request.forDeletion);
      return { spare: request.rows.values.buffer };
    case 'read':
      return { rows: packRows(log.log.read(request.rowIds)) };
    case 'markCompacted':
      log.markCompacted(request.revision);
      return {};
    case 'discard':
      log.discard(request.rowIds);
      return {};
    case 'vacuumStep':
      return { more: log.log.vacuumStep() };
    case 'close':
      close(path, log, request.refused);
      return {};
  }
}

/**
 * What cannot be moved into the file yet (a full disk) stays in the write-ahead log; the next turn tries
 * again.
 */
function tidyUp(log: GuardedFile): void {
  try {
    log.tidyUp();
  } catch {
    // Nothing is lost, and a write that finds no space reports it itself.
  }
}

function close(path: string, log: GuardedFile, refused: boolean): void {
  if (refused) {
    leaveUnopened(path, log.log);
    return;
  }
  if (log.log.moveIntoFile()) markClosed(path);
  log.log.close();
}

function failureOf(error: unknown): Failure {
  const { errcode, message } = error as { errcode?: number; message: string };
  if (error instanceof StoreLossError) return { kind: 'loss', message };
  if (errcode === sqliteFull) return { kind: 'full', message };
  return { kind: errcode === sqliteIoErrorFsync ? 'disk' : 'other', message };
}

open(workerData as WorkerOptions);
