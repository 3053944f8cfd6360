/** Takes a folder away that nobody uses any more. */

import { rmdirSync } from 'node:fs';

export function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Others keep something there, or it never was.
  }
}
