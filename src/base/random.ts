/** Randomness as an argument, so that a whole cluster can be replayed from a seed. */

export interface Random {
  /** `length` random bytes. */
  bytes(length: number): Uint8Array;
  /** A version 4 UUID. */
  uuid(): string;
  /** A number in [0, 1). */
  float(): number;
}

const suffixAlphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** The suffix upstream appends for `generateName` (no vowels, no characters that are easily confused). */
export function randomSuffix(random: Random, length = 5): string {
  let suffix = '';
  for (let i = 0; i < length; i++) {
    suffix += suffixAlphabet[Math.floor(random.float() * suffixAlphabet.length)];
  }
  return suffix;
}
