/** Stabilization windows: a recommendation counts with the earlier ones of its window, the most cautious of them applies. */

import { type Recommendation, remembered } from './memory.ts';

/** An hour, the longest window of a behavior, at the shortest period. Of more the two oldest count as one. */
export const recommendationsMax = 36_000;

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
    replicas: recent.reduce((most, { replicas }) => Math.max(most, replicas), desired),
    recommendations: bounded(
      remembered(recommendations, { replicas: desired, atMs: nowMs }, ({ atMs }) => atMs < cutoffMs),
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
  const within = (sinceMs: number) => recommendations.filter(({ atMs }) => atMs > sinceMs);
  const lowest = within(upMs).reduce((least, { replicas }) => Math.min(least, replicas), desired);
  const highest = within(downMs).reduce((most, { replicas }) => Math.max(most, replicas), desired);
  return {
    replicas: Math.min(Math.max(current, lowest), highest),
    recommendations: bounded(
      remembered(
        recommendations,
        { replicas: desired, atMs: nowMs },
        ({ atMs }) => atMs < upMs && atMs < downMs,
      ),
    ),
  };
}

function bounded(recommendations: readonly Recommendation[]): readonly Recommendation[] {
  const [oldest, next, ...younger] = recommendations;
  if (!oldest || !next || recommendations.length <= recommendationsMax) return recommendations;
  return [{ replicas: Math.max(oldest.replicas, next.replicas), atMs: next.atMs }, ...younger];
}
