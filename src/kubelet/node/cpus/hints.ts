/** On which NUMA nodes the exclusive processors of a container, or a pod, could be had. Upstream: policy_static.go. */

import type { Container } from '#api/generated/types.gen.ts';
import { startedContainers } from '#api/pods/containers.ts';
import type { CpuSet } from '#base/text/cpu-list.ts';
import type { NodePod } from '../../pod/pod.ts';
import { type Hint, preferLeast, type ResourceHints } from '../../topology/hint.ts';
import { countOf, hasNode, masksOf, type NumaMask } from '../../topology/numa-mask.ts';
import { peakAmounts } from '../../topology/peak-amounts.ts';
import { type CpuState, exclusiveOf } from './state.ts';
import { availableCpus, exclusiveCount, reusableCpus, type StaticPolicy } from './static-policy.ts';
import type { CpuTopology } from './topology.ts';

const none: ResourceHints = new Map();
const ofCpu = (hints: readonly Hint[]): ResourceHints => new Map([['cpu', hints]]);

export function containerHints(
  policy: StaticPolicy,
  state: CpuState,
  pod: NodePod,
  container: Container,
): ResourceHints {
  const { topology } = policy;
  const count = exclusiveCount(pod, container);
  if (count === 0) return none;
  const own = exclusiveOf(state, pod.metadata.uid, container.name);
  if (own) return ofCpu(own.size === count ? hintsOf(topology, own, new Set(), count) : []);
  const reusable = reusableCpus(state, pod, container.name);
  return ofCpu(hintsOf(topology, availableCpus(policy, state), reusable, count));
}

export function podHints(policy: StaticPolicy, state: CpuState, pod: NodePod): ResourceHints {
  const { topology } = policy;
  const count = podCount(pod);
  if (count === 0) return none;
  let assigned: CpuSet = new Set();
  for (const container of startedContainers(pod.spec)) {
    const own = exclusiveOf(state, pod.metadata.uid, container.name);
    if (own && own.size !== exclusiveCount(pod, container)) return ofCpu([]);
    if (own) assigned = assigned.union(own);
  }
  if (assigned.size === count) return ofCpu(hintsOf(topology, assigned, new Set(), count));
  return ofCpu(hintsOf(topology, availableCpus(policy, state), assigned, count));
}

function podCount(pod: NodePod): number {
  const peak = peakAmounts(pod.spec, (container) => new Map([['cpu', exclusiveCount(pod, container)]]));
  return peak.get('cpu') ?? 0;
}

/** All sets of nodes with enough of them, and with all reusable ones. */
function hintsOf(topology: CpuTopology, available: CpuSet, reusable: CpuSet, count: number): Hint[] {
  const { numaNodes } = topology;
  const inMask = (cpus: Iterable<number>, mask: NumaMask) =>
    [...cpus].filter((cpu) => hasNode(mask, topology.numaNodeOf(cpu))).length;
  let leastNodes = numaNodes.length;
  const masks: NumaMask[] = [];
  for (const mask of masksOf(numaNodes)) {
    if (inMask(topology.cpus, mask) >= count) leastNodes = Math.min(leastNodes, countOf(mask));
    const hasReusable = inMask(reusable, mask) === reusable.size;
    if (hasReusable && reusable.size + inMask(available, mask) >= count) masks.push(mask);
  }
  return preferLeast(masks, leastNodes);
}
