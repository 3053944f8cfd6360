/** Where a program lies: as a shell looks for it, on the PATH. */

import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The path of a program on the PATH or in one of the folders `besides`; undefined if it is in none of them. */
export function programPath(name: string, besides: readonly string[] = []): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...besides];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

/** A program, or a folder, that this user may run or enter. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
