/** Makes a folder and those above it, or says why not. */

import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** Whoever takes empty folders away may take one between two of ours. */
const triesMax = 3;

/** One by one: Node's own `recursive` never returns where a folder that is there takes none, as in /proc. */
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
