/**
 * Opens the file of the sqlite store and finds out whether it is all there.
 *
 * 1. Before SQLite sees it: a used store must have a file, and one whose process was killed its write-ahead
 *    log, whole.
 * 2. SQLite's own check of the file's structure.
 * 3. The checksums of the rows are compared while they are loaded, by the caller.
 *
 * Any loss is a `StoreLossError`, and the files stay as they were. When it is accepted, what can be read goes
 * on.
 */

import { closeSync, existsSync, openSync, statSync } from 'node:fs';
import { StoreLossError } from '../../errors.ts';
import { SqliteFile } from '../file.ts';
import { sqliteNotADatabase } from '../format.ts';
import type { LossPolicy } from './loss-policy.ts';
import { type Mark, readMark } from './opened-mark.ts';
import { salvage } from './salvage.ts';
import { damageOfLog } from './write-ahead-log.ts';

export interface CheckedLog {
  readonly log: SqliteFile;
  /** What is lost, one sentence each; only when that was accepted. */
  readonly losses: string[];
  /** The store was not closed: everything it acknowledged must be here. */
  readonly wasKilled: boolean;
}

const sqliteCorrupt = 11;

export function openChecked(path: string, writer: string, policy: LossPolicy): CheckedLog {
  if (existsSync(path) && !statSync(path).isFile()) throw new Error(`${path} is not a file`);
  const mark = readMark(path);
  const wasKilled = mark !== undefined;
  const missing = missingPart(path, policy, mark);
  if (missing && !policy.acceptLoss) throw new StoreLossError(missing);
  const found = missing ?? openWhole(path, writer);
  if (found instanceof SqliteFile) return { log: found, losses: [], wasKilled };
  if (!policy.isUsed && !wasKilled) throw new Error(found);
  if (!policy.acceptLoss) throw new StoreLossError(found);
  const aside = salvage(path, writer);
  const loss = `${found}; what could be read was taken over, the damaged files are ${aside}*`;
  return { log: new SqliteFile(path, writer), losses: [loss], wasKilled };
}

function missingPart(path: string, { isUsed }: LossPolicy, mark: Mark | undefined): string | undefined {
  if (isUsed && !existsSync(path)) return `${path} is missing, though the cluster has run before`;
  if (isUsed && statSync(path).size === 0) return `${path} is empty, though the cluster has run before`;
  if (!mark || !existsSync(path)) return undefined;
  if (mark === 'open' && !existsSync(`${path}-wal`)) {
    return `${path}-wal is missing: the process was killed, and its last writes were only there`;
  }
  return damageOfLog(path);
}

/** The log, or why it is damaged. Anything else that keeps it from being opened is thrown. */
function openWhole(path: string, writer: string): SqliteFile | string {
  let log: SqliteFile | undefined;
  try {
    log = new SqliteFile(path, writer);
    const damage = log.structureDamage();
    if (!damage) return log;
    leaveUnopened(path, log);
    return `${path} is damaged: ${damage}`;
  } catch (error) {
    leaveUnopened(path, log);
    const { errcode, message } = error as { errcode?: number; message: string };
    if (errcode === sqliteNotADatabase) return message;
    if (errcode === sqliteCorrupt) return `${path} is damaged: ${message}`;
    throw error;
  }
}

/**
 * Closes a log that is not taken into use. SQLite removes the write-ahead log that it has moved into the
 * file; an empty one in its place keeps the next start from missing it.
 */
export function leaveUnopened(path: string, log: SqliteFile | undefined): void {
  log?.close();
  if (readMark(path)) closeSync(openSync(`${path}-wal`, 'a', 0o600));
}
