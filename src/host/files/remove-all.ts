/**
 * Removes a directory with everything below it. What has few entries, as pods have them, is removed here; a large tree by
 * the program `rm` at the lowest priority, since each entry costs this process as much as a small request, and so does
 * one whose paths are longer than the kernel takes: `rm` goes from directory to directory.
 */

import { lstat, opendir } from 'node:fs/promises';
import { command } from '../processes/command.ts';
import { removeEmptyDirectory, removeFile } from './files.ts';

const entriesMax = 1000;
const removeMaxMs = 10 * 60_000;

interface Budget {
  entries: number;
}

/** Harmless when it does not exist; a file is removed, too. Throws where something is mounted in a large tree. */
export async function removeAll(path: string): Promise<void> {
  try {
    if (!(await lstat(path)).isDirectory()) return await removeFile(path);
    if (await removeFew(path, { entries: entriesMax })) return;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return;
    if (code !== 'ENAMETOOLONG' && code !== 'ENOTEMPTY') throw error;
  }
  await command('nice', ['-n', '19', 'rm', '-rf', '--one-file-system', '--', path], {
    timeoutMs: removeMaxMs,
  });
}

/** False when there are more entries than may be removed here. */
async function removeFew(directory: string, budget: Budget): Promise<boolean> {
  for await (const entry of await opendir(directory)) {
    if (budget.entries-- <= 0) return false;
    const path = `${directory}/${entry.name}`;
    // A name that is not UTF-8 is not found, and stays for `rm`.
    if (!entry.isDirectory()) await removeFile(path);
    else if (!(await removeFew(path, budget))) return false;
  }
  await removeEmptyDirectory(directory);
  return true;
}
