/** The numbers that upstream's controller manager has as arguments, and their defaults. */

import type { ReadinessTimes } from '../replicas/pod-groups.ts';

export interface Settings extends ReadinessTimes {
  /** --horizontal-pod-autoscaler-sync-period */
  readonly periodMs: number;
  /** --horizontal-pod-autoscaler-tolerance: unless the behavior sets one. */
  readonly tolerance: number;
  /** --horizontal-pod-autoscaler-downscale-stabilization: unless the behavior sets a window. */
  readonly downscaleStabilizationMs: number;
  /** Without a behavior, one step multiplies replicas by no more. */
  readonly growthFactor: number;
  /** The feature gate HPAScaleToZero. */
  readonly scalesToZero: boolean;
}

export const defaultSettings: Settings = {
  periodMs: 15_000,
  tolerance: 0.1,
  downscaleStabilizationMs: 5 * 60_000,
  cpuInitializationMs: 5 * 60_000,
  initialReadinessMs: 30_000,
  growthFactor: 2,
  scalesToZero: false,
};
