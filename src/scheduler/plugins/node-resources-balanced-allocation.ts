/**
 * NodeResourcesBalancedAllocation: prefers nodes whose cpu and memory would be used in like proportion.
 * Reads requests and allocatable; nothing to say about pods without requests.
 */

import { definePlugin, scoreMax } from '../framework.ts';

export const nodeResourcesBalancedAllocation = definePlugin({
  name: 'NodeResourcesBalancedAllocation',
  weight: 1,
  preScore(pod) {
    const { milliCpu, memoryBytes } = pod.requests;
    if (milliCpu === 0 && memoryBytes === 0) return undefined;
    return {
      score(node) {
        const { allocatable, requested } = node;
        if (allocatable.milliCpu === 0 || allocatable.memoryBytes === 0) return scoreMax;
        const cpu = Math.min(1, (requested.milliCpu + milliCpu) / allocatable.milliCpu);
        const memory = Math.min(1, (requested.memoryBytes + memoryBytes) / allocatable.memoryBytes);
        return Math.trunc((1 - Math.abs(cpu - memory) / 2) * scoreMax);
      },
    };
  },
});
