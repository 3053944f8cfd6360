/**
 * The order in which pods are evicted: those that use more than they request, then lower priority, then what they
 * use above their request. A pod that could not be measured comes first. Follows upstream's `eviction/helpers.go`.
 */

import type { Signal } from '#api/configuration/kubelet/thresholds.ts';
import { exactAmounts } from '#api/pods/exact-amounts.ts';
import { podRequests } from '#api/pods/resources.ts';
import type { DiskUse } from '#host/files/disk-use.ts';
import type { NodePod } from '../../pod/pod.ts';
import type { PodUse, PodUses } from '../../runtime/eviction-meter.ts';
import { isMemory } from './signals.ts';

type Compare = (a: NodePod, b: NodePod) => number;
type Part = 'rootfs' | 'logs' | 'volumes';

/** `dedicatedImageFs`: images and containers lie on another file system than logs and volumes. */
export function rankPods<P extends NodePod>(
  signal: Signal,
  pods: readonly P[],
  uses: PodUses,
  dedicatedImageFs: boolean,
): P[] {
  const compares = comparesOf(signal, uses, dedicatedImageFs);
  const order: Compare = (a, b) => {
    for (const compare of compares) {
      const result = compare(a, b);
      if (result !== 0) return result;
    }
    return 0;
  };
  return [...pods].sort(order);
}

function comparesOf(signal: Signal, uses: PodUses, dedicatedImageFs: boolean): Compare[] {
  if (signal === 'pid.available') {
    return [byPriority, byUse(uses, (_, use) => use.processes)];
  }
  if (isMemory(signal)) {
    const aboveRequest = (pod: NodePod, use: PodUse) => use.memoryBytes - requestOf(pod, 'memory');
    return [exceedingFirst(uses, aboveRequest), byPriority, byUse(uses, aboveRequest)];
  }
  const parts = partsOf(signal, dedicatedImageFs);
  const unit = signal.endsWith('.inodesFree') ? 'inodes' : 'bytes';
  const used = (use: PodUse) => sum(parts.flatMap((part) => usesOf(use, part)).map((disk) => disk[unit]));
  const exceeds = (pod: NodePod, use: PodUse) =>
    used(use) - (unit === 'bytes' ? requestOf(pod, 'ephemeral-storage') : 0);
  // Upstream subtracts the requested bytes from inodes as well.
  const aboveRequest = (pod: NodePod, use: PodUse) => used(use) - requestOf(pod, 'ephemeral-storage');
  return [exceedingFirst(uses, exceeds), byPriority, byUse(uses, aboveRequest)];
}

function partsOf(signal: Signal, dedicatedImageFs: boolean): readonly Part[] {
  if (!dedicatedImageFs) return ['rootfs', 'logs', 'volumes'];
  return signal.startsWith('nodefs.') ? ['logs', 'volumes'] : ['rootfs'];
}

function usesOf(use: PodUse, part: Part): DiskUse[] {
  if (part === 'volumes') return [use.volumes];
  return use.containers.flatMap((container) => container[part] ?? []);
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

const byPriority: Compare = (a, b) => (a.spec.priority ?? 0) - (b.spec.priority ?? 0);

function exceedingFirst(uses: PodUses, aboveRequest: (pod: NodePod, use: PodUse) => number): Compare {
  return byUse(uses, (pod, use) => (aboveRequest(pod, use) > 0 ? 1 : 0));
}

/** The most first. */
function byUse(uses: PodUses, amount: (pod: NodePod, use: PodUse) => number): Compare {
  const amountOf = (pod: NodePod) => {
    const use = uses.get(pod.metadata.uid);
    return use && amount(pod, use);
  };
  return (a, b) => {
    const [forA, forB] = [amountOf(a), amountOf(b)];
    if (forA === undefined || forB === undefined) {
      return Number(forA !== undefined) - Number(forB !== undefined);
    }
    return forB - forA;
  };
}

/** Overhead counts only for a pod that requests the resource itself. */
function requestOf(pod: NodePod, resource: string): number {
  const own = podRequests(exactAmounts, pod, { excludeOverhead: true }).get(resource);
  if (!own || own.isZero()) return 0;
  return podRequests(exactAmounts, pod).get(resource)?.value() ?? 0;
}
