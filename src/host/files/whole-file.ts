/** Files of ours alone that are there whole or not at all, whenever the process ends. */

import { renameSync, writeFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';

/** On the disk when this returns. */
export function writeWholeFile(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600, flush: true });
  renameSync(`${path}.new`, path);
}

/** Off the event loop, and without waiting for the disk: a power failure may leave anything. One call at a time. */
export async function writeWholeFileLater(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
