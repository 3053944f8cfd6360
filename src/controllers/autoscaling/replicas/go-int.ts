/**
 * Go's fixed-width integers: numbers beyond them count as the largest or smallest one. Upstream's conversions wrap around
 * in some places, so that a huge metric scales down; here it scales up as far as the autoscaler allows.
 */

const int32Max = 2 ** 31 - 1;
export const int64Max = 2n ** 63n - 1n;

/** The smallest whole number that is not less; NaN counts as 0. */
export function ceilInt32(amount: number): number {
  if (Number.isNaN(amount)) return 0;
  return Math.max(-int32Max - 1, Math.min(int32Max, Math.ceil(amount)));
}

export function asInt32(amount: bigint): number {
  return ceilInt32(Number(amount));
}

export function asInt64(amount: bigint): bigint {
  if (amount > int64Max) return int64Max;
  return amount < -int64Max - 1n ? -int64Max - 1n : amount;
}

/** The smallest whole number that is not less; NaN counts as 0. */
export function ceilInt64(amount: number): bigint {
  if (Number.isFinite(amount)) return asInt64(BigInt(Math.ceil(amount)));
  if (Number.isNaN(amount)) return 0n;
  return amount > 0 ? int64Max : -int64Max - 1n;
}

export function sumInt64(amounts: Iterable<bigint>): bigint {
  let sum = 0n;
  for (const amount of amounts) sum += amount;
  return asInt64(sum);
}
