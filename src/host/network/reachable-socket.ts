/**
 * A name by which a unix socket can be connected to, however long its path: the kernel takes 107 bytes. A
 * socket with a longer path is reached through its open folder.
 */

import { constants, open } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

const pathBytesMax = 107;

export interface ReachableSocket {
  /** Valid until `release`. */
  readonly path: string;
  release(): Promise<void>;
}

/** Rejects when the folder of a long path cannot be opened. */
export async function reachableSocket(path: string): Promise<ReachableSocket> {
  if (Buffer.byteLength(path) <= pathBytesMax) return { path, release: async () => undefined };
  const folder = await open(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY);
  return {
    path: `/proc/self/fd/${folder.fd}/${basename(path)}`,
    release: () => folder.close(),
  };
}
