/** Writes files of this process so that they exist whole or not at all, whenever the process ends. */

import { renameSync, writeFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';

/** The file is on disk on return. */
export function writeWholeFile(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600, flush: true });
  renameSync(`${path}.new`, path);
}

/** Asynchronous; the file is on disk when it resolves. One call at a time. */
export async function writeDurableFile(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600, flush: true });
  await rename(`${path}.new`, path);
}

/**
 * Asynchronous, and without waiting for the disk: after a power failure the contents are undefined. One call
 * at a time.
 */
export async function writeWholeFileLater(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
