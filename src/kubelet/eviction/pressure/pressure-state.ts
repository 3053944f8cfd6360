/**
 * Which thresholds a node meets, which of its pressure conditions hold, and which thresholds ask for an eviction
 * now. Pure; the steps are those of upstream's eviction manager (`synchronize`):
 *
 *  1. thresholds met, whatever their grace period;
 *  2. with them those that asked for an eviction last time and still lack their minimum reclaim;
 *  3. since when each has been met;
 *  4. conditions: of these thresholds, and those seen within the transition period;
 *  5. the thresholds whose grace period is over ask for an eviction.
 */

import type { EvictionThreshold } from '#api/configuration/kubelet/thresholds.ts';
import type { Pressure } from '../../admission/pressure.ts';
import type { Observations } from '../../runtime/eviction-meter.ts';
import { amountOf, conditionOfSignal, isMemory } from './signals.ts';

export interface PressureState {
  readonly metSinceMs: ReadonlyMap<EvictionThreshold, number>;
  readonly seenAtMs: ReadonlyMap<Pressure, number>;
  /** In the order of reclaim: memory first. */
  readonly starving: readonly EvictionThreshold[];
  readonly conditions: ReadonlySet<Pressure>;
}

export const noPressure: PressureState = {
  metSinceMs: new Map(),
  seenAtMs: new Map(),
  starving: [],
  conditions: new Set(),
};

export interface PressureRules {
  readonly thresholds: readonly EvictionThreshold[];
  readonly pressureTransitionMs: number;
}

export function nextPressure(
  { thresholds, pressureTransitionMs }: PressureRules,
  before: PressureState,
  observations: Observations,
  nowMs: number,
): PressureState {
  const met = metThresholds(thresholds, observations);
  const unresolved = metThresholds(before.starving, observations, 'with reclaim');
  const all = [...new Set([...met, ...unresolved])];
  const metSinceMs = new Map(all.map((threshold) => [threshold, before.metSinceMs.get(threshold) ?? nowMs]));
  const seenAtMs = new Map(before.seenAtMs);
  for (const { signal } of all) seenAtMs.set(conditionOfSignal(signal), nowMs);
  const recent = [...seenAtMs].filter(([, atMs]) => nowMs - atMs < pressureTransitionMs);
  const starving = all.filter((threshold) => nowMs - metSinceMs.get(threshold)! >= threshold.graceMs);
  return {
    metSinceMs,
    seenAtMs: new Map(recent),
    starving: [
      ...starving.filter(({ signal }) => isMemory(signal)),
      ...starving.filter(({ signal }) => !isMemory(signal)),
    ],
    conditions: new Set(recent.map(([condition]) => condition)),
  };
}

/** `with reclaim`: also those whose minimum reclaim is missing. */
export function metThresholds(
  thresholds: readonly EvictionThreshold[],
  observations: Observations,
  how: 'bare' | 'with reclaim' = 'bare',
): EvictionThreshold[] {
  return thresholds.filter(({ signal, amount, minReclaim }) => {
    const observed = observations.get(signal);
    if (!observed) return false;
    const wanted = amountOf(amount, observed).value();
    const more = how === 'with reclaim' && minReclaim ? amountOf(minReclaim, observed).value() : 0;
    return observed.available < wanted + more;
  });
}
