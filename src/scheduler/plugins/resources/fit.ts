/**
 * NodeResourcesFit: a node must have room for the pod's requests, and nodes with more free room are
 * preferred, unless another strategy is configured. Reads the pod's requests, the node's allocatable and the
 * sums over its pods.
 */

import type { FitArguments, ScoringStrategy } from '#api/configuration/scheduler/fit-arguments.ts';
import type { Node } from '#api/generated/types.gen.ts';
import { type PlainAmounts, plainAmounts } from '#api/pods/plain-amounts.ts';
import { isExtendedResource } from '#api/validation/extended-resource.ts';
import { quantityValue } from '#api/values/quantity.ts';
import type { ClusterDevices } from '../../cache/cluster-devices.ts';
import type { NodeInfo } from '../../cache/node-info.ts';
import type { PodInfo } from '../../cache/pod-info.ts';
import {
  type ClusterEvent,
  definePlugin,
  type Filtering,
  Rejection,
  type SchedulerPlugin,
  scoreMax,
} from '../../framework.ts';
import { plainShortages } from './plain-shortages.ts';
import { strategyScore } from './scoring-strategy.ts';

const name = 'NodeResourcesFit';
const plainShortage = plainShortages(name);

export function nodeResourcesFit(args: FitArguments): SchedulerPlugin {
  const isIgnored = ignoredBy(args);
  const usual = isUsual(args.strategy);
  return definePlugin({
    name,
    weight: 1,
    hints: [
      { kinds: ['Pod/AssignedDelete'] },
      { kinds: ['Pod/AssignedUpdate'], helps: (pod, event) => frees(pod, event) },
      {
        kinds: ['Node/Add', 'Node/Allocatable'],
        helps(pod, { node, oldNode }, { devices }) {
          if (!node) return false;
          const isLeftOut = (name: string) => isIgnored(name) || isFromDevices(name, node, devices);
          return fitsEmpty(pod, node, isLeftOut) && (!oldNode || hasGrown(pod, node, oldNode));
        },
      },
      { kinds: ['DeviceClass'], helps: (pod, _event, { devices }) => isBacked(pod, devices) },
    ],
    preFilter: (pod, { listers }): Filtering => ({ filter: fitFilter(pod, isIgnored, listers.devices) }),
    preScore: (pod) => ({ score: usual ? usualScore(pod) : strategyScore(pod, args.strategy) }),
  });
}

/** LeastAllocated of cpu and memory alike, upstream's default: what `strategyScore` gives, without its loops. */
function usualScore(pod: PodInfo): (node: NodeInfo) => number {
  const { milliCpu, memoryBytes } = pod.nonZeroRequests;
  return (node) => {
    const { allocatable } = node;
    let sum = 0;
    let weights = 0;
    if (allocatable.milliCpu > 0) {
      sum += leastAllocated(node.nonZeroMilliCpu + milliCpu, allocatable.milliCpu);
      weights++;
    }
    if (allocatable.memoryBytes > 0) {
      sum += leastAllocated(node.nonZeroMemoryBytes + memoryBytes, allocatable.memoryBytes);
      weights++;
    }
    return weights === 0 ? 0 : Math.trunc(sum / weights);
  };
}

function isUsual({ type, resources }: ScoringStrategy): boolean {
  const [cpu, memory] = resources;
  return (
    type === 'LeastAllocated' &&
    resources.length === 2 &&
    cpu?.name === 'cpu' &&
    memory?.name === 'memory' &&
    cpu.weight === memory.weight
  );
}

type IsIgnored = (resource: string) => boolean;

/** Extended resources that are not counted when nodes are filtered. */
function ignoredBy({ ignoredResources, ignoredResourceGroups }: FitArguments): IsIgnored {
  return (resource) =>
    isExtendedResource(resource) &&
    (ignoredResources.includes(resource) || ignoredResourceGroups.includes(resource.split('/')[0]!));
}

function leastAllocated(requested: number, capacity: number): number {
  return requested > capacity ? 0 : Math.trunc(((capacity - requested) * scoreMax) / capacity);
}

function fitFilter(
  pod: PodInfo,
  isIgnored: IsIgnored,
  devices: ClusterDevices,
): (node: NodeInfo) => Rejection | undefined {
  const { milliCpu, memoryBytes, ephemeralStorageBytes, scalars } = pod.requests;
  const wanted = scalars && [...scalars].filter(([name, amount]) => amount > 0 && !isIgnored(name));
  const hasScalars = wanted !== undefined && wanted.length > 0;
  return (node) => {
    const { allocatable, requested } = node;
    if (
      node.pods.size + 1 <= node.podsMax &&
      (milliCpu === 0 || milliCpu <= allocatable.milliCpu - requested.milliCpu) &&
      (memoryBytes === 0 || memoryBytes <= allocatable.memoryBytes - requested.memoryBytes) &&
      (ephemeralStorageBytes === 0 ||
        ephemeralStorageBytes <= allocatable.ephemeralStorageBytes - requested.ephemeralStorageBytes) &&
      !hasScalars
    ) {
      return undefined;
    }
    if (!hasScalars) return plainShortage(pod.requests, node);
    return shortages(pod, node, (resource) => isIgnored(resource) || isFromDevices(resource, node, devices));
  };
}

/**
 * Every insufficient resource, in upstream's order; unresolvable when a request exceeds the empty node's
 * allocatable.
 */
function shortages(pod: PodInfo, node: NodeInfo, isIgnored: IsIgnored): Rejection | undefined {
  const { requests } = pod;
  const { allocatable, requested } = node;
  const reasons: string[] = [];
  let unresolvable = false;
  const check = (resource: string, wanted: number, has: number, used: number) => {
    if (wanted === 0 || wanted <= has - used) return;
    reasons.push(`Insufficient ${resource}`);
    if (wanted > has) unresolvable = true;
  };
  if (node.pods.size + 1 > node.podsMax) reasons.push('Too many pods');
  check('cpu', requests.milliCpu, allocatable.milliCpu, requested.milliCpu);
  check('memory', requests.memoryBytes, allocatable.memoryBytes, requested.memoryBytes);
  check(
    'ephemeral-storage',
    requests.ephemeralStorageBytes,
    allocatable.ephemeralStorageBytes,
    requested.ephemeralStorageBytes,
  );
  for (const [resource, wanted] of requests.scalars ?? []) {
    if (isIgnored(resource)) continue;
    check(resource, wanted, allocatable.scalars?.get(resource) ?? 0, requested.scalars?.get(resource) ?? 0);
  }
  return reasons.length === 0 ? undefined : new Rejection(name, reasons, unresolvable);
}

/** A device class stands for the resource, which the node does not offer itself: DynamicResources allocates it. */
function isFromDevices(resource: string, { allocatable }: NodeInfo, devices: ClusterDevices): boolean {
  return !allocatable.scalars?.get(resource) && devices.classOfResource(resource) !== undefined;
}

function isBacked({ requests }: PodInfo, devices: ClusterDevices): boolean {
  return [...(requests.scalars?.keys() ?? [])].some((resource) => devices.classOfResource(resource));
}

type ReadAmount = (amounts: PlainAmounts) => number;

/** How to read each resource that the pod requests. */
function requestedBy({ requests }: PodInfo, isLeftOut: IsIgnored = () => false): ReadAmount[] {
  const scalars = [...(requests.scalars?.keys() ?? [])]
    .filter((resource) => !isLeftOut(resource))
    .map(
      (resource): ReadAmount =>
        (amounts) =>
          amounts.scalars?.get(resource) ?? 0,
    );
  const plain: ReadAmount[] = [
    ({ milliCpu }) => milliCpu,
    ({ memoryBytes }) => memoryBytes,
    ({ ephemeralStorageBytes }) => ephemeralStorageBytes,
  ];
  return [...plain, ...scalars].filter((read) => read(requests) > 0);
}

/** Would the node have room without its pods? Preemption may remove them. */
function fitsEmpty(pod: PodInfo, { allocatable, podsMax }: NodeInfo, isLeftOut: IsIgnored): boolean {
  const requested = requestedBy(pod, isLeftOut);
  return podsMax >= 1 && requested.every((read) => read(pod.requests) <= read(allocatable));
}

/** Does the node offer more pods, or more of a resource that the pod requests, than before the update? */
function hasGrown(pod: PodInfo, node: NodeInfo, oldNode: Node): boolean {
  const old = oldNode.status?.allocatable as Record<string, string> | undefined;
  if (node.podsMax > quantityValue(old?.['pods'])) return true;
  const before = plainAmounts.of(old);
  return requestedBy(pod).some((read) => read(node.allocatable) > read(before));
}

/** Does the placed pod request less than before the update of a resource that `pod` waits for? */
function frees(pod: PodInfo, { pod: now, oldPod: before }: ClusterEvent): boolean {
  if (!now || !before) return false;
  return requestedBy(pod).some((read) => read(now.requests) < read(before.requests));
}
