/** A wall: a folder has so many entries that one can read them all. */

import { posix } from 'node:path';
import { entriesMax } from '../layers.ts';

/** By folder, the names of its files and folders. */
export function entriesOf(files: readonly string[]): ReadonlyMap<string, ReadonlySet<string>> {
  const entries = new Map<string, Set<string>>();
  for (const file of files) {
    for (let path = file; path.includes('/'); path = posix.dirname(path)) {
      const folder = posix.dirname(path);
      if (!entries.has(folder)) entries.set(folder, new Set());
      entries.get(folder)!.add(posix.basename(path));
    }
  }
  return entries;
}

/** What is wrong with this folder, or undefined. */
export function tooMany(folder: string, names: ReadonlySet<string>): string | undefined {
  if (names.size <= entriesMax) return undefined;
  return `${folder} has ${names.size} entries, more than ${entriesMax}: make rooms of it`;
}
