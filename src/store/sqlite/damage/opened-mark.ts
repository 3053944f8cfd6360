/**
 * A file beside the store that says that it is open. Found at a start, it says that the store was not closed:
 * then its write-ahead log may hold acknowledged writes that are nowhere else, and must be there.
 *
 * Unless the process ended by itself (an uncaught error): SQLite then still moved the log into the file and
 * removed it.
 */

import { closeSync, existsSync, fsyncSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export type Mark = 'open' | 'ending';

function markOf(path: string): string {
  return `${path}.open`;
}

export function readMark(path: string): Mark | undefined {
  if (!existsSync(markOf(path))) return undefined;
  // Anything else than what was written proves nothing about the log.
  return readFileSync(markOf(path), 'utf8') === 'open' ? 'open' : 'ending';
}

/** On the disk when this returns, so that it is there before the first write is. */
export function markOpen(path: string): void {
  writeFileSync(markOf(path), 'open', { mode: 0o600, flush: true });
  const folder = openSync(dirname(path), 'r');
  fsyncSync(folder);
  closeSync(folder);
}

/** The process, or its storage thread, ends without having closed the store. */
export function markEnding(path: string): void {
  if (existsSync(markOf(path))) writeFileSync(markOf(path), 'ending');
}

/** Only when the main file holds everything. */
export function markClosed(path: string): void {
  rmSync(markOf(path), { force: true });
}
