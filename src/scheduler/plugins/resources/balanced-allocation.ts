/**
 * NodeResourcesBalancedAllocation: prefers nodes whose use of cpu and memory becomes more balanced by the
 * pod.
 * Reads requests and allocatable; does not score pods without requests. Since v1.36 the change counts:
 * 75 for none, 100 for the best possible, 50 for the worst.
 */

import type { NodeInfo } from '../../cache/node-info.ts';
import { definePlugin, scoreMax } from '../../framework.ts';

const half = scoreMax / 2;

export const nodeResourcesBalancedAllocation = definePlugin({
  name: 'NodeResourcesBalancedAllocation',
  weight: 1,
  preScore(pod) {
    const { milliCpu, memoryBytes } = pod.requests;
    if (milliCpu === 0 && memoryBytes === 0) return undefined;
    return {
      score(node) {
        const change = balance(node, milliCpu, memoryBytes) - balance(node, 0, 0);
        return half + Math.trunc((half + change) / 2);
      },
    };
  },
});

/** 100 when both are used in the same proportion; also when only one is allocatable. */
function balance({ allocatable, requested }: NodeInfo, milliCpu: number, memoryBytes: number): number {
  if (allocatable.milliCpu === 0 || allocatable.memoryBytes === 0) return scoreMax;
  const cpu = Math.min(1, (requested.milliCpu + milliCpu) / allocatable.milliCpu);
  const memory = Math.min(1, (requested.memoryBytes + memoryBytes) / allocatable.memoryBytes);
  return Math.trunc((1 - Math.abs(cpu - memory) / 2) * scoreMax);
}
