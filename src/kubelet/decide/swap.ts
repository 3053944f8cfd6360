/**
 * What a container may use of the node's swap space. Pure; as upstream's `swapConfigurationHelper`: nothing by default,
 * and with LimitedSwap, which takes cgroup v2, a part of it for burstable containers by what they request of memory.
 */

import type { AnyContainer } from '#api/pods/containers.ts';
import { podQosClass } from '#api/pods/qos.ts';
import { isCriticalPod } from '#api/pods/system-priority.ts';
import { quantityValue } from '#api/values/quantity.ts';
import type { NodePod } from '../pod/pod.ts';
import type { LinuxResources } from '../runtime/runtime-config.ts';

export interface SwapRules {
  readonly behavior: 'NoSwap' | 'LimitedSwap';
  readonly isCgroupV2: boolean;
  readonly memoryBytes: number;
  readonly swapBytes: number;
}

export function swapResources(
  rules: SwapRules,
  pod: NodePod,
  container: AnyContainer,
): Pick<LinuxResources, 'memorySwapLimitInBytes' | 'unified'> {
  const { requests = {}, limits = {} } = container.resources ?? {};
  const limit = quantityValue(limits['memory']);
  // Version 1 counts memory and swap together, and has no limit of swap alone.
  if (!rules.isCgroupV2) return limit > 0 ? { memorySwapLimitInBytes: limit } : {};
  const request = quantityValue(requests['memory'] ?? limits['memory']);
  const maySwap =
    rules.behavior === 'LimitedSwap' &&
    !isCriticalPod(pod) &&
    podQosClass(pod) === 'Burstable' &&
    request > 0 &&
    request !== limit;
  const swapBytes = maySwap ? Math.floor((request / rules.memoryBytes) * rules.swapBytes) : 0;
  return { unified: { 'memory.swap.max': String(swapBytes) } };
}
