/** CPU use between two measurements: which earlier one a rate is taken against, and the rate. */

import type { CpuRate } from './usage.ts';

export interface CpuPoint {
  /** Monotonic. */
  readonly atMs: number;
  readonly cpuNanos: number;
}

/** In a shorter window the error of the measurement outweighs the use. */
export const windowMsMin = 1000;
/** As upstream's kubelet measures: short peaks are evened out. A longer window is taken only where no question came in between. */
export const windowMsWanted = 10_000;
/** A longer window no longer shows the present use. */
export const windowMsMax = 90_000;

/**
 * The rate at `last`, against the newest point that is as old as the wanted window, else the oldest that is old
 * enough. `earlier` is in the order of time and begins with the start of the processes, if that is known.
 */
export function cpuRate(last: CpuPoint, earlier: readonly CpuPoint[]): CpuRate | undefined {
  const usable = earlier.filter((point) => isUsable(last, point));
  const wanted = usable.findLast((point) => last.atMs - point.atMs >= windowMsWanted);
  const previous = wanted ?? usable[0];
  if (!previous) return undefined;
  const windowMs = last.atMs - previous.atMs;
  return { windowMs, nanoCores: Math.floor(((last.cpuNanos - previous.cpuNanos) * msPerSecond) / windowMs) };
}

const msPerSecond = 1000;

/** CPU time that shrinks is that of other processes: the group was made again. */
function isUsable(last: CpuPoint, point: CpuPoint): boolean {
  const windowMs = last.atMs - point.atMs;
  return windowMs >= windowMsMin && windowMs <= windowMsMax && point.cpuNanos <= last.cpuNanos;
}
