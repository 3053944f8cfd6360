/** Files of ours alone that are there whole or not at all, whenever the process ends. */

import { renameSync, writeFileSync } from 'node:fs';

/** On the disk when this returns, unless `flush` is false: then a power failure may leave anything. */
export function writeWholeFile(path: string, text: string, { flush = true } = {}): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600, flush });
  renameSync(`${path}.new`, path);
}
