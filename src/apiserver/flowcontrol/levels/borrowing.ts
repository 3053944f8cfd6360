/**
 * The seats of each priority level until the next adjustment. Exempt levels take the seats that they use; the
 * others share the rest by their recent demand: at least the seats that they do not lend, at most their own with
 * the seats that they may borrow.
 */

import type { PriorityLevel } from './priority-level.ts';
import { allocateSeats } from './seat-allocation.ts';

/** Returns the fair fraction; 0 if there are too few seats for the levels' minima. */
export function adjustSeats(
  levels: readonly PriorityLevel[],
  nominalSum: number,
  serverSeats: number,
  nowMs: number,
): number {
  for (const level of levels) level.noteDemand(level.series.seatDemand.reset(nowMs));
  const exempt = levels.filter(({ isExempt }) => isExempt);
  const limited = levels.filter(({ isExempt }) => !isExempt);
  let remaining = nominalSum;
  for (const level of exempt) {
    const seats = Math.max(level.minSeats, level.highWatermark);
    remaining -= seats;
    level.target = seats;
    level.limitSeats(seats, serverSeats);
  }
  const { seats, fairFraction } = divide(limited, nominalSum, remaining);
  for (const [i, level] of limited.entries()) level.limitSeats(Math.round(seats[i]!), serverSeats);
  return fairFraction;
}

function divide(levels: readonly PriorityLevel[], nominalSum: number, remaining: number) {
  const least = levels.map((level) =>
    Math.max(level.minSeats, Math.min(level.nominalSeats, level.highWatermark)),
  );
  for (const [i, level] of levels.entries()) level.target = Math.max(least[i]!, level.smoothed);
  const minSum = sum(levels.map(({ minSeats }) => minSeats));
  if (remaining <= minSum) return { seats: levels.map(({ minSeats }) => minSeats), fairFraction: 0 };
  const leastSum = sum(least);
  if (remaining <= leastSum) {
    const part = (remaining - minSum) / (leastSum - minSum);
    const seats = levels.map(({ minSeats }, i) => minSeats + Math.round((least[i]! - minSeats) * part));
    return { seats, fairFraction: 0 };
  }
  const claims = levels.map(({ target, maxSeats }, i) => ({ target, min: least[i]!, max: maxSeats }));
  const current = { seats: levels.map(({ currentSeats }) => currentSeats), fairFraction: 0 };
  return allocateSeats(nominalSum, claims) ?? current;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
