/**
 * One attempt at a write: the write chain, then the commit or another effect. If it fails, its allocations are
 * released.
 */

import { passChain } from './chain/write-chain.ts';
import type { Write } from './write.ts';

/** `effect` returns undefined when the store had another revision than the expected one. */
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
