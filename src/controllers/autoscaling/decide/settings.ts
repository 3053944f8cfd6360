/** The numbers that upstream's controller manager has as arguments, at their defaults. */

import type { ReadinessTimes } from '../replicas/pod-groups.ts';

export interface Settings extends ReadinessTimes {
  /** --horizontal-pod-autoscaler-downscale-stabilization: unless the behavior sets a window. */
  readonly downscaleStabilizationMs: number;
  /** Without a behavior, one step multiplies replicas by no more. */
  readonly growthFactor: number;
  /** The feature gate HPAScaleToZero. */
  readonly scalesToZero: boolean;
}

export const defaultSettings: Settings = {
  downscaleStabilizationMs: 5 * 60_000,
  cpuInitializationMs: 5 * 60_000,
  initialReadinessMs: 30_000,
  growthFactor: 2,
  scalesToZero: false,
};
