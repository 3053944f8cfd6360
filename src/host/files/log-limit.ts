/**
 * Limits a log that a process holds open as its output to a few files: the current one, and the older `.1`,
 * `.2`.
 */

import {
  constants,
  copyFileSync,
  existsSync,
  fstatSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs';
import type { Timer } from '#base/clock.ts';
import type { Env } from '#base/env.ts';

export interface LogLimit {
  readonly fileBytesMax: number;
  /** Including the current file. */
  readonly filesMax: number;
}

const usualLimit: LogLimit = { fileBytesMax: 10 * 1024 * 1024, filesMax: 3 };
const lookEveryMs = 5_000;

/** The existing files of a log, oldest first. */
export function logFiles(path: string, { filesMax } = usualLimit): string[] {
  const numbers = Array.from({ length: filesMax - 1 }, (_, index) => filesMax - 1 - index);
  return [...numbers.map((number) => olderLog(path, number)), path].filter((file) => existsSync(file));
}

/** The file rotated last, or earlier. */
export function olderLog(path: string, number = 1): string {
  return `${path}.${number}`;
}

/**
 * Rotates a log that is too large. It is copied and truncated, since its writer has it open for appending and
 * would continue in a renamed file; a process loses nothing of its own log, since nothing else runs in it
 * meanwhile. The copy comes first: on a full disk nothing changes.
 */
export function limitLog(path: string, limit = usualLimit): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size < limit.fileBytesMax) return;
  const copy = `${path}.new`;
  try {
    copyFileSync(path, copy, constants.COPYFILE_FICLONE);
  } catch (error) {
    rmSync(copy, { force: true });
    throw error;
  }
  for (let number = limit.filesMax - 1; number > 1; number--) {
    const newer = olderLog(path, number - 1);
    if (existsSync(newer)) renameSync(newer, olderLog(path, number));
  }
  renameSync(copy, olderLog(path));
  truncateSync(path);
}

/** Whether this process's output goes into the file. */
export function isOwnOutput(path: string): boolean {
  const file = statSync(path, { throwIfNoEntry: false });
  const output = fstatSync(1);
  return file !== undefined && file.ino === output.ino && file.dev === output.dev;
}

/** Checks the log now and periodically, until the returned function is called. */
export function keepLogLimited({ clock, log }: Env, path: string, limit = usualLimit): () => void {
  const look = () => {
    try {
      limitLog(path, limit);
    } catch (error) {
      log.warn('the log could not be moved aside', { path, error: String(error) });
    }
    timer = clock.after(lookEveryMs, look);
  };
  let timer: Timer;
  look();
  return () => timer.cancel();
}
