/** The unix sockets in a folder and its subfolders, and a watch on them. */

import { watch } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface SocketFile {
  readonly path: string;
  /** Another value when the socket was removed and made again. */
  readonly identity: string;
}

/** Names that begin with a dot are left out. Bounded by `filesMax`; what is beyond is not looked at. */
export async function findSockets(folder: string, filesMax = 1000): Promise<SocketFile[]> {
  const found: SocketFile[] = [];
  const folders = [folder];
  for (let dir = folders.shift(); dir !== undefined && found.length < filesMax; dir = folders.shift()) {
    for (const entry of await readdir(dir, { withFileTypes: true }).catch(() => [])) {
      if (entry.name.startsWith('.')) continue;
      const path = join(dir, entry.name);
      if (entry.isDirectory() && folders.length < filesMax) folders.push(path);
      if (!entry.isSocket()) continue;
      const status = await stat(path).catch(() => undefined);
      if (status) found.push({ path, identity: `${status.ino}:${status.birthtimeMs}` });
    }
  }
  return found;
}

/** Removes the sockets of a folder, not those of its subfolders. */
export async function removeSockets(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isSocket()) await rm(join(folder, entry.name), { force: true });
  }
}

/**
 * Calls `onChange` when something in the folder or its subfolders is made or removed, if that can be watched:
 * the kernel's limit of watches may be reached. Callers poll as well.
 */
export function watchFolder(folder: string, onChange: () => void): () => void {
  try {
    const watcher = watch(folder, { persistent: false, recursive: true }, onChange);
    watcher.on('error', () => undefined);
    return () => watcher.close();
  } catch {
    return () => undefined;
  }
}
