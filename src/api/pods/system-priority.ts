/** Priorities reserved for the system: pods from `system-cluster-critical` up are critical. */

import type { Pod } from '../generated/types.gen.ts';
import { isMirrorPod } from './mirror-pod.ts';

export const systemPriorities = {
  'system-node-critical': 2_000_001_000,
  'system-cluster-critical': 2_000_000_000,
} as const;

/** Node pressure and evictions by the kubelet do not affect such a pod; static pods are all critical. */
export function isCriticalPod(pod: Pod): boolean {
  return isStaticPod(pod) || (pod.spec?.priority ?? 0) >= systemPriorities['system-cluster-critical'];
}

/** Of a kubelet's own folder or address, or its mirror in the API. */
export function isStaticPod({ metadata }: Pick<Pod, 'metadata'>): boolean {
  const source = metadata?.annotations?.[sourceAnnotation] ?? 'api';
  return source !== 'api' || isMirrorPod({ metadata });
}

const sourceAnnotation = 'kubernetes.io/config.source';
