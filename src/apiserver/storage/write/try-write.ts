/**
 * One try at a write: the write chain, then what was to be done. When nothing comes of it, what it took on
 * the way is given back.
 */

import { passChain } from './chain/write-chain.ts';
import type { Write } from './write.ts';

/** `effect` returns undefined when the store had something else than was expected. */
export async function tryWrite<T>(write: Write, effect: () => Promise<T> | T): Promise<T> {
  try {
    const passing = passChain(write);
    if (passing) await passing;
    const written = await effect();
    if (!written) await write.allocation?.undo();
    return written;
  } catch (error) {
    await write.allocation?.undo();
    throw error;
  }
}
