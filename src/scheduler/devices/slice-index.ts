/**
 * The published devices, by node and by pool: which pools a node can take devices from. Upstream: GatherPools
 * of the structured allocator. Made again when slices change; the pools of a node are remembered until then.
 */

import type { Device, NodeSelector, ResourceSliceSpec } from '#api/generated/types.gen.ts';
import { compileNodeSelector, type NodeMatcher } from '#api/nodes/node-selector.ts';
import type { Labels } from '#api/selectors/selector.ts';
import { type Candidate, candidatesIn } from './candidate.ts';
import {
  buildPool,
  compareNames,
  hasBindingConditions,
  incompletePool,
  type Pool,
  poolId,
  type Slice,
} from './pool.ts';
import type { Searching } from './searching.ts';

/** What of a node decides about devices. */
export interface DeviceNode {
  readonly name: string;
  readonly labels: Labels;
}

export interface NodeDevices {
  /** Sorted by driver and name, those with devices that need preparation behind the others. */
  readonly pools: readonly Pool[];
  readonly candidates: readonly Candidate[];
}

interface SharedPool {
  readonly slices: readonly Slice[];
  readonly pool: Pool;
}

export class SliceIndex {
  readonly #byNode = new Map<string, Slice[]>();
  readonly #shared: Slice[] = [];
  readonly #byPool = new Map<string, Slice[]>();
  /** By pool: what nodes without slices of their own see of it. */
  readonly #sharedPools = new Map<string, SharedPool[]>();
  readonly #candidates = new Map<Pool, readonly Candidate[]>();
  readonly #devices = new Map<string, { readonly labels: Labels; readonly devices: NodeDevices }>();

  constructor(slices: Iterable<Slice>) {
    for (const slice of slices) {
      const { nodeName, sharedCounters } = slice.spec;
      if (!nodeName || sharedCounters?.length) this.#shared.push(slice);
      else append(this.#byNode, nodeName, slice);
      append(this.#byPool, poolOf(slice), slice);
    }
  }

  *devicesFor(node: DeviceNode): Searching<NodeDevices> {
    const known = this.#devices.get(node.name);
    if (known && known.labels === node.labels) return known.devices;
    const pools = yield* this.#gather(node);
    const devices = { pools, candidates: yield* this.#candidatesOf(pools) };
    this.#devices.set(node.name, { labels: node.labels, devices });
    return devices;
  }

  *#gather(node: DeviceNode): Searching<Pool[]> {
    const byPool = new Map<string, Slice[]>();
    for (const slice of [...(this.#byNode.get(node.name) ?? []), ...this.#shared]) {
      if (concerns(slice.spec, node)) addNewest(byPool, slice);
    }
    const pools: Pool[] = [];
    for (const slices of byPool.values()) {
      const pool = this.#pool(slices);
      if (pool) pools.push(pool);
      yield;
    }
    return pools.sort(
      (a, b) =>
        Number(hasBindingConditions(a)) - Number(hasBindingConditions(b)) ||
        compareNames(a.driver, b.driver) ||
        compareNames(a.name, b.name),
    );
  }

  *#candidatesOf(pools: readonly Pool[]): Searching<readonly Candidate[]> {
    const ofPools: (readonly Candidate[])[] = [];
    for (const pool of pools) {
      const known = this.#candidates.get(pool) ?? (yield* candidatesIn(pool));
      this.#candidates.set(pool, known);
      ofPools.push(known);
    }
    return ofPools.length === 1 ? ofPools[0]! : ofPools.flat();
  }

  /** A pool of the same slices is made once for all nodes: devices that many nodes can use are not kept for each. */
  #built(mine: readonly Slice[], others: readonly Slice[]): Pool {
    const isOfNodes = mine.some(({ spec }) => spec.nodeName);
    if (isOfNodes) return buildPool(mine, others);
    const key = poolOf(mine[0]!);
    const known = this.#sharedPools.get(key) ?? [];
    const same = known.find(({ slices }) => isSame(slices, mine));
    if (same) return same.pool;
    const pool = buildPool(mine, others);
    this.#sharedPools.set(key, [...known, { slices: mine, pool }]);
    return pool;
  }

  /** Undefined when the driver is about to replace it by a generation without devices for the node. */
  #pool(mine: readonly Slice[]): Pool | undefined {
    const [first] = mine as [Slice, ...Slice[]];
    const { generation, resourceSliceCount } = first.spec.pool;
    if (mine.length === resourceSliceCount) return this.#built(mine, []);
    const known = this.#byPool.get(poolOf(first)) ?? [];
    if (known.some(({ spec }) => spec.pool.generation > generation)) return undefined;
    const all = known.filter(({ spec }) => spec.pool.generation === generation);
    if (all.length !== resourceSliceCount) return incompletePool(first);
    const own = new Set(mine);
    return this.#built(
      mine,
      all.filter((slice) => !own.has(slice)),
    );
  }
}

function isSame(a: readonly Slice[], b: readonly Slice[]): boolean {
  return a.length === b.length && a.every((slice, i) => slice === b[i]);
}

function append(to: Map<string, Slice[]>, key: string, slice: Slice): void {
  const slices = to.get(key);
  if (slices) slices.push(slice);
  else to.set(key, [slice]);
}

function poolOf({ spec }: Slice): string {
  return poolId({ driver: spec.driver, name: spec.pool.name });
}

/** Older generations are dropped. */
function addNewest(byPool: Map<string, Slice[]>, slice: Slice): void {
  const key = poolOf(slice);
  const generation = byPool.get(key)?.[0]?.spec.pool.generation ?? -1;
  if (slice.spec.pool.generation > generation) byPool.set(key, [slice]);
  else if (slice.spec.pool.generation === generation) byPool.get(key)?.push(slice);
}

/** Are devices of the slice, or counters that they consume, for this node? */
function concerns(spec: ResourceSliceSpec, node: DeviceNode): boolean {
  if (spec.sharedCounters?.length) return true;
  if (spec.nodeName || spec.allNodes || spec.nodeSelector) return isFor(spec, node);
  if (!spec.perDeviceNodeSelection) return false;
  return (spec.devices ?? []).some((device) => isFor(device, node));
}

/** Is this slice, or this device of a slice with a selection per device, for the node? */
export function isFor(
  {
    nodeName,
    allNodes,
    nodeSelector,
  }: Pick<ResourceSliceSpec & Device, 'nodeName' | 'allNodes' | 'nodeSelector'>,
  { name, labels }: DeviceNode,
): boolean {
  if (nodeName) return nodeName === name;
  if (allNodes) return true;
  return nodeSelector !== undefined && matcherOf(nodeSelector)(labels, name);
}

const matchers = new WeakMap<NodeSelector, NodeMatcher>();

function matcherOf(selector: NodeSelector): NodeMatcher {
  const matcher = matchers.get(selector) ?? compileNodeSelector(selector);
  matchers.set(selector, matcher);
  return matcher;
}
