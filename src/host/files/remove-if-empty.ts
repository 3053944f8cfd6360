/** Removes a folder that is no longer used. */

import { rmdirSync } from 'node:fs';

export function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Not empty, or it does not exist.
  }
}
