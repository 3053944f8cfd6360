/** The controller of HorizontalPodAutoscalers by the arguments of the configuration, with its metrics. */

import type { ClusterConfiguration } from '#api/configuration/cluster-configuration.ts';
import { AutoscalerMetrics } from '#controllers/autoscaling/autoscaler-metrics.ts';
import type { AutoscalerOptions } from '#controllers/autoscaling/horizontal-pod-autoscaler.ts';

/** By the name of an argument, the option that it sets. */
const optionOf = {
  'concurrent-horizontal-pod-autoscaler-syncs': 'workers',
  'horizontal-pod-autoscaler-cpu-initialization-period': 'cpuInitializationMs',
  'horizontal-pod-autoscaler-downscale-stabilization': 'downscaleStabilizationMs',
  'horizontal-pod-autoscaler-initial-readiness-delay': 'initialReadinessMs',
  'horizontal-pod-autoscaler-sync-period': 'periodMs',
  'horizontal-pod-autoscaler-tolerance': 'tolerance',
} as const satisfies Record<string, keyof AutoscalerOptions>;

export function autoscalerOptions(
  configuration: ClusterConfiguration | undefined,
): AutoscalerOptions & { readonly metrics: AutoscalerMetrics } {
  const set = Object.entries(configuration?.managerArguments ?? {});
  const options = set
    .filter(([name]) => name in optionOf)
    .map(([name, value]) => [optionOf[name as keyof typeof optionOf], value]);
  return { ...Object.fromEntries(options), metrics: new AutoscalerMetrics() };
}
