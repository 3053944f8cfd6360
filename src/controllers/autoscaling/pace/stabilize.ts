/** Stabilization windows: a recommendation counts with the earlier ones of its window, the most cautious of them applies. */

import { type Recommendation, remembered } from './memory.ts';

export interface Stabilized {
  readonly replicas: number;
  /** With the newest one. */
  readonly recommendations: readonly Recommendation[];
}

/** Without a behavior: only scaling down is stabilized. */
export function stabilizeDown(
  recommendations: readonly Recommendation[],
  desired: number,
  windowMs: number,
  nowMs: number,
): Stabilized {
  const cutoffMs = nowMs - windowMs;
  const recent = recommendations.filter(({ atMs }) => atMs >= cutoffMs);
  return {
    replicas: Math.max(desired, ...recent.map(({ replicas }) => replicas)),
    recommendations: remembered(
      recommendations,
      { replicas: desired, atMs: nowMs },
      ({ atMs }) => atMs < cutoffMs,
    ),
  };
}

export interface Windows {
  readonly upSeconds: number;
  readonly downSeconds: number;
}

/** With a behavior: each direction has a window. */
export function stabilizeByWindows(
  recommendations: readonly Recommendation[],
  { current, desired }: { current: number; desired: number },
  { upSeconds, downSeconds }: Windows,
  nowMs: number,
): Stabilized {
  const [upMs, downMs] = [nowMs - 1000 * upSeconds, nowMs - 1000 * downSeconds];
  const within = (sinceMs: number) =>
    recommendations.filter(({ atMs }) => atMs > sinceMs).map(({ replicas }) => replicas);
  const lowest = Math.min(desired, ...within(upMs));
  const highest = Math.max(desired, ...within(downMs));
  return {
    replicas: Math.min(Math.max(current, lowest), highest),
    recommendations: remembered(
      recommendations,
      { replicas: desired, atMs: nowMs },
      ({ atMs }) => atMs < upMs && atMs < downMs,
    ),
  };
}
