/** What is to be done about an autoscaler's target by its size alone, before any metric is read. */

import type { HorizontalPodAutoscaler } from '#api/generated/types.gen.ts';
import { isConditionTrue } from '#api/meta/conditions.ts';
import type { Settings } from './settings.ts';

/** The target's size is `replicas` now. */
export type FirstLook =
  | { readonly kind: 'metrics' }
  /** A user scaled it to zero, which switches the autoscaler off. */
  | { readonly kind: 'off' }
  | { readonly kind: 'bound'; readonly replicas: number; readonly reason: string };

export const belowMin = 'Current number of replicas below Spec.MinReplicas';
const aboveMax = 'Current number of replicas above Spec.MaxReplicas';

export function firstLook(
  autoscaler: HorizontalPodAutoscaler,
  currentReplicas: number,
  settings: Settings,
): FirstLook {
  const max = autoscaler.spec?.maxReplicas ?? 0;
  const min = minReplicasOf(autoscaler);
  if (currentReplicas === 0) {
    const isOurs = wasScaledToZero(autoscaler, settings);
    return { kind: isOurs && (min !== 0 || measuresWithoutPods(autoscaler)) ? 'metrics' : 'off' };
  }
  if (currentReplicas > max) return { kind: 'bound', replicas: max, reason: aboveMax };
  if (currentReplicas < min) return { kind: 'bound', replicas: min, reason: belowMin };
  return { kind: 'metrics' };
}

export function minReplicasOf({ spec }: HorizontalPodAutoscaler): number {
  return spec?.minReplicas ?? 1;
}

/** By this autoscaler, not by a user. */
export function wasScaledToZero({ status }: HorizontalPodAutoscaler, { scalesToZero }: Settings): boolean {
  return scalesToZero && isConditionTrue(status, 'ScaledToZero');
}

/** A metric of pods needs a pod; only these can scale from zero. */
export function measuresWithoutPods({ spec }: HorizontalPodAutoscaler): boolean {
  return spec?.metrics?.some(({ type }) => type === 'Object' || type === 'External') ?? false;
}
