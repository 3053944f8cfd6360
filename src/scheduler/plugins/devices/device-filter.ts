/** Filters nodes by the devices that a pod's claims have, or can get there. One for each cycle of a pod with claims. */

import { isReservedFor } from '#api/devices/pod-claim.ts';
import type { AllocationResult } from '#api/generated/types.gen.ts';
import { compileNodeSelector, type NodeMatcher } from '#api/nodes/node-selector.ts';
import type { NodeInfo } from '../../cache/node-info.ts';
import type { PodInfo } from '../../cache/pod-info.ts';
import type { AllocatorParts } from '../../devices/allocator.ts';
import { type Filtering, PluginError, Rejection, type Reservation, Unfinished } from '../../framework.ts';
import { hasTimedOut, readiness } from './binding-conditions.ts';
import type { Claim } from './claims-of-pod.ts';
import type { ExtendedClaim, ExtendedDemand } from './extended-demand.ts';
import type { Searches } from './kept-searches.ts';
import { NodeSearch, type SearchState } from './node-search.ts';
import { scoreOf } from './score.ts';

export const pluginName = 'DynamicResources';

/** How long one cycle searches for devices before other pods, and the rest of the program, get their turn. */
const cycleMsMax = 20;

export interface FilterParts {
  readonly pod: PodInfo;
  readonly claims: readonly Claim[];
  /** Absent when the pod requests no extended resources that device classes stand for. */
  readonly extended: ExtendedDemand | undefined;
  /** What an earlier attempt has created for the extended resources. */
  readonly leftover: Claim | undefined;
  readonly allocator: AllocatorParts;
  readonly searches: Searches;
  readonly filterTimeoutMs: number;
  readonly bindingTimeoutMs: number;
  readonly clock: { now(): number; monotonicMs(): number };
  /** Keeps the searches for the next cycle. */
  readonly keep: () => void;
  /** Takes the devices: by claim that is not allocated yet, its allocation. */
  readonly take: (
    node: NodeInfo,
    allocations: ReadonlyMap<Claim, AllocationResult>,
    extended: ExtendedClaim | undefined,
  ) => Reservation;
}

const cannotAllocate = new Rejection(pluginName, ['cannot allocate all claims'], true);
const isLeftover = new Rejection(pluginName, ['cannot schedule extended resource claim'], true);
const notAvailable = new Rejection(pluginName, ['resourceclaim not available on the node'], true);

export class DeviceFilter implements Filtering {
  /** Allocated claims whose devices a node could not use. */
  readonly unavailable = new Set<Claim>();
  readonly #parts: FilterParts;
  readonly #toAllocate: readonly Claim[];
  readonly #selectors: ReadonlyMap<Claim, NodeMatcher>;
  readonly #endMs: number;

  constructor(parts: FilterParts) {
    this.#parts = parts;
    this.#toAllocate = parts.claims.filter(({ status }) => !status?.allocation);
    this.#selectors = new Map(
      parts.claims.flatMap((claim) => {
        const selector = claim.status?.allocation?.nodeSelector;
        return selector ? [[claim, compileNodeSelector(selector)] as const] : [];
      }),
    );
    this.#endMs = parts.clock.monotonicMs() + cycleMsMax;
  }

  filter(node: NodeInfo): Rejection | undefined {
    if (this.#parts.leftover) return isLeftover;
    const unavailable = this.#parts.claims.filter((claim) => !this.#isUsable(claim, node));
    const rejection = this.#claimsFor(node).length > 0 ? this.#search(node) : undefined;
    if (rejection) return rejection;
    for (const claim of unavailable) this.unavailable.add(claim);
    return unavailable.length > 0 ? notAvailable : undefined;
  }

  /** Undefined for a pod that takes nothing here. */
  reserve(node: NodeInfo): Reservation | undefined {
    const { claims, extended, take } = this.#parts;
    const allocations = this.#allocations(node);
    const made = extended?.claimFor(node);
    const claim = [...allocations.keys()].find((each) => !claims.includes(each));
    if (claims.length === 0 && !claim) return undefined;
    return take(node, allocations, claim && made ? { claim, mappings: made.mappings } : undefined);
  }

  get leftover(): Claim | undefined {
    return this.#parts.leftover;
  }

  /** Is there a choice by which nodes differ? */
  get scores(): boolean {
    return this.#parts.claims.some(({ spec }) =>
      spec.devices?.requests?.some(({ firstAvailable }) => firstAvailable?.length),
    );
  }

  /** By the alternatives that the node's devices are. */
  score(node: NodeInfo): number {
    const allocations = this.#allocations(node);
    let score = 0;
    for (const claim of this.#parts.claims) {
      const allocation = claim.status?.allocation ?? allocations.get(claim);
      if (allocation) score += scoreOf(claim, allocation);
    }
    return score;
  }

  /** An unused claim, or one that only this pod has, which keeps the pod from a node. */
  idleClaim(): Claim | undefined {
    const { pod } = this.#parts.pod;
    return [...this.unavailable].find(({ status }) => {
      const { reservedFor = [] } = status ?? {};
      return (
        reservedFor.length === 0 ||
        (reservedFor.length === 1 && isReservedFor(pod, { spec: {}, status: { reservedFor } }))
      );
    });
  }

  #isUsable(claim: Claim, node: NodeInfo): boolean {
    const matches = this.#selectors.get(claim);
    if (matches && !matches(node.labels, node.name)) return false;
    if (!claim.status?.allocation) return true;
    const { state } = readiness(claim);
    if (state === 'failed') return false;
    return state === 'ready' || !hasTimedOut(claim, this.#parts.bindingTimeoutMs, this.#parts.clock.now());
  }

  /** Those that need devices of the node. */
  #claimsFor(node: NodeInfo): readonly Claim[] {
    const made = this.#parts.extended?.claimFor(node);
    return made ? [...this.#toAllocate, made.claim] : this.#toAllocate;
  }

  #search(node: NodeInfo): Rejection | undefined {
    const { byNode } = this.#parts.searches;
    const search = byNode.get(node.name) ?? this.#newSearch(node);
    byNode.set(node.name, search);
    return this.#verdict(node, search.run(this.#endMs));
  }

  #newSearch(node: NodeInfo): NodeSearch {
    const { allocator, filterTimeoutMs, clock } = this.#parts;
    const spentMs = this.#parts.searches.spentMs.get(node.name) ?? 0;
    const time = { monotonicMs: () => clock.monotonicMs(), timeoutMs: filterTimeoutMs, spentMs };
    return new NodeSearch(this.#claimsFor(node), node, allocator, time);
  }

  #verdict(node: NodeInfo, search: SearchState): Rejection | undefined {
    switch (search.state) {
      case 'failed':
        throw new PluginError(pluginName, 'filter', search.reason);
      case 'timed out':
        throw new PluginError(
          pluginName,
          'filter',
          `node ${node.name}: timed out trying to allocate devices`,
        );
      case 'searching':
        this.#parts.keep();
        throw new Unfinished();
      case 'found': {
        const { results, reason } = search.allocation;
        if (results) return undefined;
        return reason === undefined ? cannotAllocate : new Rejection(pluginName, [reason], true);
      }
    }
  }

  #allocations({ name }: NodeInfo): Map<Claim, AllocationResult> {
    const search = this.#parts.searches.byNode.get(name);
    if (search?.state.state !== 'found') return new Map();
    const results = search.state.allocation.results?.() ?? [];
    return new Map(results.map((result, i) => [search.claims[i]!, result] as const));
  }
}
