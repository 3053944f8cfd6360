/**
 * Divides seats among priority levels in proportion to their targets, within the bounds of each: upstream's
 * computeConcurrencyAllocation.
 */

export interface SeatClaim {
  readonly target: number;
  readonly min: number;
  readonly max: number;
}

export interface SeatAllocation {
  readonly seats: readonly number[];
  /** Within its bounds a level gets its target times this. */
  readonly fairFraction: number;
}

/** Lower targets count as this. */
const targetMin = 0.001;
const epsilon = 1e-7;

/** Undefined if `total` cannot be divided within the bounds. */
export function allocateSeats(total: number, claims: readonly SeatClaim[]): SeatAllocation | undefined {
  const minSum = claims.reduce((sum, { min }) => sum + min, 0);
  const maxSum = claims.reduce((sum, { max }) => sum + max, 0);
  if (total < 0 || minSum - total > epsilon || total - maxSum > epsilon) return undefined;
  if (total === 0) return { seats: claims.map(() => 0), fairFraction: 0 };
  const fairFraction = fractionFor(total, claims);
  return { seats: claims.map((claim) => seatsAt(claim, fairFraction)), fairFraction };
}

function targetOf({ target }: SeatClaim): number {
  return Math.max(target, targetMin);
}

function seatsAt(claim: SeatClaim, fraction: number): number {
  return Math.max(claim.min, Math.min(claim.max, fraction * targetOf(claim)));
}

/**
 * The sum of the seats grows with the fraction, in straight lines between the fractions at which a level meets one of
 * its bounds.
 */
function fractionFor(total: number, claims: readonly SeatClaim[]): number {
  const bends = claims.flatMap((claim) => [claim.min / targetOf(claim), claim.max / targetOf(claim)]);
  bends.sort((a, b) => a - b);
  const sumAt = (fraction: number) => claims.reduce((sum, claim) => sum + seatsAt(claim, fraction), 0);
  let [low, lowSum] = [bends[0] ?? 0, sumAt(bends[0] ?? 0)];
  for (const bend of bends) {
    if (lowSum >= total) return low;
    const sum = sumAt(bend);
    if (sum >= total) return low + ((total - lowSum) / (sum - lowSum)) * (bend - low);
    [low, lowSum] = [bend, sum];
  }
  return low;
}
