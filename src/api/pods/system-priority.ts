/** The priorities that belong to the system: pods from `system-cluster-critical` up are critical. */

import type { Pod } from '../generated/types.gen.ts';

export const systemPriorities = {
  'system-node-critical': 2_000_001_000,
  'system-cluster-critical': 2_000_000_000,
} as const;

/** Neither pressure on the node nor an eviction by the kubelet concerns such a pod. */
export function isCriticalPod({ spec }: Pick<Pod, 'spec'>): boolean {
  return (spec?.priority ?? 0) >= systemPriorities['system-cluster-critical'];
}
