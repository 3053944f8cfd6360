/** Keeps a log that a process holds open as its output to a few files: the newest, and `.1`, `.2` with what came before. */

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
  /** With the one that is written. */
  readonly filesMax: number;
}

const usualLimit: LogLimit = { fileBytesMax: 10 * 1024 * 1024, filesMax: 3 };
const lookEveryMs = 5_000;

/** The files of a log that there are, oldest first. */
export function logFiles(path: string, { filesMax } = usualLimit): string[] {
  const numbers = Array.from({ length: filesMax - 1 }, (_, index) => filesMax - 1 - index);
  return [...numbers.map((number) => olderLog(path, number)), path].filter((file) => existsSync(file));
}

/** What was moved aside last, or earlier. */
export function olderLog(path: string, number = 1): string {
  return `${path}.${number}`;
}

/**
 * Moves a log aside that has grown too large. It is copied and emptied, since its writer has it open for appending and
 * would go on writing into a renamed one; a process loses nothing of its own log, as nothing else runs in it meanwhile.
 * The copy comes first: on a full disk all stays as it is.
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

/** Whether what this process prints goes into the file. */
export function isOwnOutput(path: string): boolean {
  const file = statSync(path, { throwIfNoEntry: false });
  const output = fstatSync(1);
  return file !== undefined && file.ino === output.ino && file.dev === output.dev;
}

/** Looks after the log at once, and until the function it returns is called. */
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
