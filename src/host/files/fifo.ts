/** Named pipes. */

import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

const chunkBytes = 64 * 1024;

/** Reads and discards the contents of a named pipe, so that its writer can continue. Never blocks. */
export async function emptyFifo(path: string): Promise<void> {
  const pipe = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const buffer = Buffer.alloc(chunkBytes);
    while ((await pipe.read(buffer, 0, chunkBytes)).bytesRead > 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
  } finally {
    await pipe.close();
  }
}
