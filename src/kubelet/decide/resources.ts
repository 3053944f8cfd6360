/** Requests and limits as the kernel's control groups count them. */

import type { AnyContainer } from '#api/pods/containers.ts';
import { type PlainAmounts, plainAmounts } from '#api/pods/plain-amounts.ts';
import { podQosClass } from '#api/pods/qos.ts';
import { podLimits, podRequests } from '#api/pods/resources.ts';
import { quantityMilliValue, quantityValue } from '#api/values/quantity.ts';
import type { NodePod } from '../pod/pod.ts';
import type { LinuxResources } from '../runtime/runtime-config.ts';
import { type SwapRules, swapResources } from './swap.ts';

const sharesPerCpu = 1024;
const minShares = 2;
const maxShares = 262_144;
const cpuPeriodUs = 100_000;
const minQuotaUs = 1000;
const unlimitedQuota = -1;

export function cpuShares(milliCpu: number): number {
  if (milliCpu <= 0) return minShares;
  return Math.min(Math.max(Math.floor((milliCpu * sharesPerCpu) / 1000), minShares), maxShares);
}

export function cpuQuota(milliCpu: number): number {
  return Math.max(Math.floor((milliCpu * cpuPeriodUs) / 1000), minQuotaUs);
}

/** The processors that a container may use. */
export interface ContainerCpus {
  /** As control groups write it; empty for all. */
  readonly list: string;
  /** No other container uses them: the container needs no quota. */
  readonly areExclusive: boolean;
}

/** Which processors the containers of a node may use. */
export interface CpuSource {
  of(podUid: string, container: string): ContainerCpus;
  /** Resolves when what `of` returns may be relied upon, also after a restart of the kubelet. */
  saved(): Promise<void>;
}

/** Of which NUMA nodes the containers of a node may use memory. */
export interface MemorySource {
  /** As control groups write it, such as `0-1`; empty for all. */
  nodesOf(podUid: string, container: string): string;
  /** Resolves when what `nodesOf` returns may be relied upon, also after a restart of the kubelet. */
  saved(): Promise<void>;
}

/** Without `cpus` the container may use all processors. */
export function containerResources(
  pod: NodePod,
  container: AnyContainer,
  swap: SwapRules,
  allocatable: Record<string, string>,
  cpus?: ContainerCpus,
): LinuxResources {
  const { requests = {}, limits = {} } = container.resources ?? {};
  const cpuLimit = quantityMilliValue(limits['cpu']);
  const cpuRequest = requests['cpu'] === undefined ? cpuLimit : quantityMilliValue(requests['cpu']);
  const memoryLimit = quantityValue(limits['memory']);
  return {
    cpuShares: cpuShares(cpuRequest),
    ...(cpuLimit > 0
      ? { cpuPeriod: cpuPeriodUs, cpuQuota: cpus?.areExclusive ? unlimitedQuota : cpuQuota(cpuLimit) }
      : {}),
    ...(cpus?.list ? { cpusetCpus: cpus.list } : {}),
    ...(memoryLimit > 0 ? { memoryLimitInBytes: memoryLimit } : {}),
    ...swapResources(swap, pod, container),
    oomScoreAdj: oomScore(pod, quantityValue(requests['memory']), swap.memoryBytes),
    ...hugePages(allocatable, { ...pod.spec.resources?.limits, ...limits }),
  };
}

const hugePagesPrefix = 'hugepages-';

/** Zero of a size that the container has no limit for. */
function hugePages(
  allocatable: Record<string, string>,
  limits: Record<string, string>,
): Pick<LinuxResources, 'hugepageLimits'> {
  const names = Object.keys(allocatable).filter((name) => name.startsWith(hugePagesPrefix));
  if (names.length === 0) return {};
  // The kernel writes 2MB where Kubernetes writes 2Mi.
  const pageSize = (name: string) => name.slice(hugePagesPrefix.length).replace(/i$/, 'B');
  return {
    hugepageLimits: names.map((name) => ({ pageSize: pageSize(name), limit: quantityValue(limits[name]) })),
  };
}

/** The smaller a container's memory request, the sooner the kernel kills it. */
function oomScore(pod: NodePod, memoryRequest: number, nodeMemoryBytes: number): number {
  const qos = podQosClass(pod);
  if (qos === 'Guaranteed') return -997;
  if (qos === 'BestEffort') return 1000;
  const score = 1000 - Math.floor((1000 * memoryRequest) / Math.max(nodeMemoryBytes, 1));
  return Math.min(Math.max(score, 3), 999);
}

export interface PodResources {
  readonly milliCpuRequest: number;
  readonly milliCpuLimit: number;
  readonly memoryLimitBytes: number;
}

/**
 * The pod as a whole, with its overhead; a limit of 0 means that there is none, or that some container has
 * none.
 */
export function podResources(pod: NodePod): PodResources {
  const unlimited = { cpu: false, memory: false };
  const onStep = ({ milliCpu, memoryBytes }: PlainAmounts) => {
    unlimited.cpu ||= milliCpu === 0;
    unlimited.memory ||= memoryBytes === 0;
  };
  const limits = podLimits(plainAmounts, pod, { onStep });
  const own = plainAmounts.of(pod.spec.resources?.limits);
  return {
    milliCpuRequest: podRequests(plainAmounts, pod).milliCpu,
    milliCpuLimit: unlimited.cpu && own.milliCpu === 0 ? 0 : limits.milliCpu,
    memoryLimitBytes: unlimited.memory && own.memoryBytes === 0 ? 0 : limits.memoryBytes,
  };
}
