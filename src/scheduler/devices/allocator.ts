/**
 * Allocates devices to the claims of a pod, for one node at a time. Upstream: the structured allocator of
 * k8s.io/dynamic-resource-allocation, with the features that are on by default in v1.36.
 */

import type { SelectorCache } from '#api/devices/selector.ts';
import type { AllocationResult, DeviceClass, ResourceV1ResourceClaim } from '#api/generated/types.gen.ts';
import { lazily } from '#base/lazily.ts';
import type { AllocatedDevices } from './allocated-devices.ts';
import { allocationResult } from './allocation-result.ts';
import { BeingAllocated } from './being-allocated.ts';
import { Matches } from './match.ts';
import { type PreparedClaim, prepareClaim } from './prepare-claims.ts';
import { Search } from './search.ts';
import type { Searching } from './searching.ts';
import type { DeviceNode, SliceIndex } from './slice-index.ts';

export interface AllocatorParts {
  readonly slices: SliceIndex;
  readonly allocated: AllocatedDevices;
  readonly deviceClass: (name: string) => DeviceClass | undefined;
  readonly selectors: SelectorCache;
  /** Makes a UID. */
  readonly newShareId: () => string;
}

/** Why a node has no devices for the claims, where there is more to say than that. */
export const invalidPools = 'invalid resource pools were encountered';

export interface Allocation {
  /** By claim, made when they are first asked for; undefined when there are no devices for all of them. */
  readonly results?: () => readonly AllocationResult[];
  readonly reason?: string;
  /** How long the search was. */
  readonly steps: number;
}

/** Throws `AllocationFailure` for claims that no node can satisfy. */
export function* allocate(
  claims: readonly ResourceV1ResourceClaim[],
  node: DeviceNode,
  { slices, allocated, deviceClass, selectors, newShareId }: AllocatorParts,
): Searching<Allocation> {
  const { pools, candidates } = yield* slices.devicesFor(node);
  const matches = new Matches(node, selectors);
  const allocatedCapacities = (id: string) => allocated.capacities(id);
  const around = { deviceClass, pools, candidates, matches, allocatedCapacities };
  const prepared: PreparedClaim[] = [];
  for (const claim of claims) prepared.push(yield* prepareClaim(claim, around));
  const state = new BeingAllocated(
    allocated,
    prepared.map(({ constraints }) => constraints),
  );
  const search = new Search({ claims: prepared, candidates, matches, state });
  const found = yield* search.run();
  const { steps } = search;
  if (!found) return { steps, ...(pools.some(({ isInvalid }) => isInvalid) ? { reason: invalidPools } : {}) };
  const results = () => prepared.map((claim, i) => allocationResult(claim, found[i]!, node.name, newShareId));
  return { results: lazily(results), steps };
}
