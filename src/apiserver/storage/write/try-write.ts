/** One try at a write: the write chain, then the store. When nothing comes of it, what it took on the way is given back. */

import { prepareWrite } from './chain/write-chain.ts';
import type { Write } from './write.ts';

/** `store` returns undefined when it had something else than was expected. */
export async function tryWrite<T>(write: Write, store: () => Promise<T>): Promise<T> {
  try {
    const preparing = prepareWrite(write);
    if (preparing) await preparing;
    const written = await store();
    if (!written) await write.allocation?.undo();
    return written;
  } catch (error) {
    await write.allocation?.undo();
    throw error;
  }
}
