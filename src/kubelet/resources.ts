/** Requests and limits as the kernel's control groups count them. */

import { podQosClass } from '#api/pod-qos.ts';
import { quantityMilliValue, quantityValue } from '#api/quantity.ts';
import { type AnyContainer, initContainers, isSidecar, type NodePod } from './pod.ts';
import type { LinuxResources } from './runtime.ts';

const sharesPerCpu = 1024;
const minShares = 2;
const maxShares = 262_144;
const cpuPeriodUs = 100_000;
const minQuotaUs = 1000;

export function cpuShares(milliCpu: number): number {
  if (milliCpu <= 0) return minShares;
  return Math.min(Math.max(Math.floor((milliCpu * sharesPerCpu) / 1000), minShares), maxShares);
}

export function cpuQuota(milliCpu: number): number {
  return Math.max(Math.floor((milliCpu * cpuPeriodUs) / 1000), minQuotaUs);
}

export function containerResources(
  pod: NodePod,
  container: AnyContainer,
  nodeMemoryBytes: number,
): LinuxResources {
  const { requests = {}, limits = {} } = container.resources ?? {};
  const cpuLimit = quantityMilliValue(limits['cpu']);
  const cpuRequest = requests['cpu'] === undefined ? cpuLimit : quantityMilliValue(requests['cpu']);
  const memoryLimit = quantityValue(limits['memory']);
  return {
    cpuShares: cpuShares(cpuRequest),
    ...(cpuLimit > 0 ? { cpuPeriod: cpuPeriodUs, cpuQuota: cpuQuota(cpuLimit) } : {}),
    ...(memoryLimit > 0 ? { memoryLimitInBytes: memoryLimit, memorySwapLimitInBytes: memoryLimit } : {}),
    oomScoreAdj: oomScore(pod, quantityValue(requests['memory']), nodeMemoryBytes),
  };
}

/** The less a container asked for, the sooner the kernel picks it. */
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

/** The pod as a whole; a limit of 0 means that some container has none. */
export function podResources(pod: NodePod): PodResources {
  const together = [...pod.spec.containers, ...initContainers(pod).filter(isSidecar)];
  const alone = initContainers(pod).filter((one) => !isSidecar(one));
  const sum = (of: (one: AnyContainer) => number) => together.reduce((total, one) => total + of(one), 0);
  const most = (of: (one: AnyContainer) => number) => Math.max(sum(of), ...alone.map(of));
  const limited = (name: string) => [...together, ...alone].every((one) => one.resources?.limits?.[name]);
  const cpuLimit = (one: AnyContainer) => quantityMilliValue(one.resources?.limits?.['cpu']);
  const cpuRequest = (one: AnyContainer) =>
    one.resources?.requests?.['cpu'] ? quantityMilliValue(one.resources.requests['cpu']) : cpuLimit(one);
  const memoryLimit = (one: AnyContainer) => quantityValue(one.resources?.limits?.['memory']);
  return {
    milliCpuRequest: most(cpuRequest),
    milliCpuLimit: limited('cpu') ? most(cpuLimit) : 0,
    memoryLimitBytes: limited('memory') ? most(memoryLimit) : 0,
  };
}

/** What the pod asked for as a whole, in thousandths of a processor and bytes. */
export function podRequests(pod: NodePod): { cpu: number; memory: number } {
  const together = [...pod.spec.containers, ...initContainers(pod).filter(isSidecar)];
  const alone = initContainers(pod).filter((one) => !isSidecar(one));
  const most = (of: (one: AnyContainer) => number) =>
    Math.max(
      together.reduce((sum, one) => sum + of(one), 0),
      ...alone.map(of),
    );
  return {
    cpu:
      most((one) => quantityMilliValue(one.resources?.requests?.['cpu'])) +
      quantityMilliValue(pod.spec.overhead?.['cpu']),
    memory:
      most((one) => quantityValue(one.resources?.requests?.['memory'])) +
      quantityValue(pod.spec.overhead?.['memory']),
  };
}
