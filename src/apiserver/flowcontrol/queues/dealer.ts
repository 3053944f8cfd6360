/**
 * Shuffle sharding: deals each flow a hand of queues, by a hash of the flow, so that two flows rarely have all
 * queues in common.
 */

import { createHash } from 'node:crypto';

/** Upstream's hash: the first 64 bits of SHA-256, little endian. */
export function hashFlow(schemaName: string, distinguisher: string): bigint {
  return createHash('sha256').update(`${schemaName}\0${distinguisher}`).digest().readBigUInt64LE(0);
}

/** Different numbers below `deckSize`. */
export function deal(hash: bigint, deckSize: number, handSize: number): number[] {
  let rest = hash;
  const hand: number[] = [];
  const remainders: number[] = [];
  for (let i = 0; i < handSize; i++) {
    const size = BigInt(deckSize - i);
    remainders.push(Number(rest % size));
    rest /= size;
  }
  for (let i = 0; i < handSize; i++) {
    let card = remainders[i]!;
    for (let j = i; j > 0; j--) if (card >= remainders[j - 1]!) card++;
    hand.push(card);
  }
  return hand;
}
