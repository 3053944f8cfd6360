/**
 * What the controller remembers of an autoscaler between its decisions: earlier recommendations, and how much it has
 * scaled when. Lost with the process, as upstream's; bounded, since entries out of their window are overwritten.
 */

import type { HPAScalingRules } from '#api/generated/types.gen.ts';

export interface Recommendation {
  readonly replicas: number;
  readonly atMs: number;
}

export interface ScaleEvent {
  /** How many replicas were added or removed. */
  readonly change: number;
  readonly atMs: number;
}

export interface Memory {
  /** As computed, before they were stabilized. */
  readonly recommendations: readonly Recommendation[];
  readonly scaleUps: readonly ScaleEvent[];
  readonly scaleDowns: readonly ScaleEvent[];
}

/** At the first sight of an autoscaler its target's size counts as recommended. */
export function firstMemory(currentReplicas: number, nowMs: number): Memory {
  return {
    recommendations: [{ replicas: currentReplicas, atMs: nowMs }],
    scaleUps: [],
    scaleDowns: [],
  };
}

/** Replaces the last entry that is `outdated`, or appends. */
export function remembered<T>(entries: readonly T[], entry: T, outdated: (old: T) => boolean): readonly T[] {
  const at = entries.findLastIndex(outdated);
  return at === -1 ? [...entries, entry] : entries.with(at, entry);
}

/** After a scaling from one size to the next; `rules`: of its direction, undefined without a behavior. */
export function withScaleEvent(
  events: readonly ScaleEvent[],
  change: number,
  rules: HPAScalingRules | undefined,
  nowMs: number,
): readonly ScaleEvent[] {
  if (!rules) return events;
  const periods = (rules.policies ?? []).map(({ periodSeconds }) => periodSeconds);
  const cutoffMs = nowMs - 1000 * Math.max(0, ...periods);
  return remembered(events, { change, atMs: nowMs }, ({ atMs }) => atMs < cutoffMs);
}

/** The sum of changes in the last `periodSeconds`. */
export function changeIn(events: readonly ScaleEvent[], periodSeconds: number, nowMs: number): number {
  const sinceMs = nowMs - 1000 * periodSeconds;
  return events.reduce((sum, { change, atMs }) => (atMs > sinceMs ? sum + change : sum), 0);
}
