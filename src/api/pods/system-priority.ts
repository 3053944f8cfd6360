/** Priorities reserved for the system: pods from `system-cluster-critical` up are critical. */

import type { Pod } from '../generated/types.gen.ts';

export const systemPriorities = {
  'system-node-critical': 2_000_001_000,
  'system-cluster-critical': 2_000_000_000,
} as const;

/** Node pressure and evictions by the kubelet do not affect such a pod. */
export function isCriticalPod({ spec }: Pick<Pod, 'spec'>): boolean {
  return (spec?.priority ?? 0) >= systemPriorities['system-cluster-critical'];
}
