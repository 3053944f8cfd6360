/** Creates a folder and its parents. */

import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** A concurrent removal of empty folders may remove a parent that was just created. */
const triesMax = 3;

/**
 * One by one: Node's own `recursive` never returns where an existing folder cannot contain folders, as in
 * /proc.
 */
export function makeFolder(path: string, mode: number): void {
  for (let tries = 1; ; tries++) {
    try {
      makeEach(path, mode);
      return;
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || tries === triesMax) throw error;
    }
  }
}

function makeEach(path: string, mode: number): void {
  if (existsSync(path)) return;
  makeEach(dirname(path), mode);
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
