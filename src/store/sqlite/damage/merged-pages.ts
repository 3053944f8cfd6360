/**
 * Puts every page that can still be had into one plain file: those of the main file, and over them those of
 * the frames of the write-ahead log, each judged by itself. SQLite stops at the first wrong frame; what
 * follows it is as good.
 */

import { closeSync, copyFileSync, existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import { goodFrames } from './write-ahead-log.ts';

/**
 * `main` and `log` may each be absent. `target` is a database without a log when this returns, whole or not.
 */
export function mergePages(main: string, log: string, target: string): void {
  if (existsSync(main)) copyFileSync(main, target);
  const file = openSync(target, existsSync(target) ? 'r+' : 'w', 0o600);
  try {
    if (!existsSync(log)) return;
    for (const { page, bytes } of goodFrames(readFileSync(log))) {
      writeSync(file, bytes, 0, bytes.length, (page - 1) * bytes.length);
    }
  } finally {
    closeSync(file);
  }
}
