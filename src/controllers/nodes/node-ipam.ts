/**
 * Gives every node its own part of each of the cluster's pod ranges (a /24, a /64 of IPv6), never the same part to two.
 *
 * Reads nodes; writes node spec.podCIDR and spec.podCIDRs. Follows upstream's range allocator: a node keeps
 * its range, a deleted node's range is free again; when none is left the node gets the event
 * CIDRNotAvailable.
 */

import { nodes } from '#api/generated/kinds.gen.ts';
import type { Node } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import {
  type AddressRange,
  formatAddressRange,
  parseAddressRange,
  rangeIn,
} from '#api/values/address-range.ts';
import { type ControllerDefinition, defineController } from '#client/controllers/controller.ts';
import { nothingToDo, type Plan, targetOf } from '#client/controllers/plan.ts';
import { watch } from '#client/controllers/watch.ts';
import { eventAction } from '../shared/event-action.ts';

/** Upstream's `--node-cidr-mask-size-ipv4` and `-ipv6`. */
const nodeBits = { 4: 24, 6: 64 } as const;
const noneLeftRetryMs = 30_000;

/** `clusterCidrs`: one for each address family, `10.244.0.0/16,fd00:10:244::/56`. */
export function nodeIpam(clusterCidrs: string): ControllerDefinition {
  return defineController({
    name: 'node-ipam-controller',
    identity: 'node-controller',
    // One worker: choosing a free range must not be interleaved.
    workers: 1,
    start({ informers }) {
      const cached = informers.for(nodes);
      const ranges = clusterCidrs.split(',').map((cidr) => new NodeRanges(cidr));
      return {
        watches: [
          watch({
            type: nodes,
            on: ['listed', 'added'],
            note(change, { metadata, spec }) {
              const own = spec?.podCIDRs ?? [spec?.podCIDR];
              for (const [i, range] of ranges.entries()) {
                if (change === 'deleted') range.release(metadata.name);
                else range.keep(metadata.name, own[i]);
              }
            },
          }),
        ],
        reconcile: (name) => assign(cached.get(undefined, name), ranges),
      };
    },
  });
}

function assign(node: Stored<Node> | undefined, ranges: readonly NodeRanges[]): Plan {
  if (!node || node.spec?.podCIDR) return nothingToDo;
  const { name, uid } = node.metadata;
  const podCIDRs = ranges.flatMap((range) => range.take(name) ?? []);
  if (podCIDRs.length < ranges.length) {
    const message = `Node ${name} status is now: CIDRNotAvailable`;
    const regarding = { apiVersion: 'v1', kind: 'Node', metadata: { name, uid } };
    const event = eventAction(regarding, 'Normal', 'CIDRNotAvailable', message);
    return { actions: [event], againInMs: noneLeftRetryMs };
  }
  const patch = { metadata: { uid }, spec: { podCIDR: podCIDRs[0]!, podCIDRs } };
  return { actions: [{ do: 'patch', ...targetOf(nodes, node), patchType: 'strategic', patch }] };
}

export class NodeRanges {
  readonly #cluster: AddressRange;
  readonly #bits: number;
  readonly #count: number;
  readonly #byNode = new Map<string, string>();
  readonly #taken = new Set<string>();
  #next = 0;

  constructor(clusterCidr: string) {
    const cluster = parseAddressRange(clusterCidr);
    const bits = nodeBits[cluster?.family ?? 4];
    if (!cluster || bits < cluster.prefixBits) {
      throw new Error(`a /${bits} per node does not fit into ${clusterCidr}`);
    }
    this.#cluster = cluster;
    this.#bits = bits;
    this.#count = 2 ** (bits - cluster.prefixBits);
  }

  /** Records that the node has this range. */
  keep(node: string, range: string | undefined): void {
    if (!range || this.#byNode.get(node) === range) return;
    this.release(node);
    this.#byNode.set(node, range);
    this.#taken.add(range);
  }

  /** The next free range after the last one given, so that a released range is not reused at once. */
  take(node: string): string | undefined {
    const kept = this.#byNode.get(node);
    if (kept) return kept;
    for (let tried = 0; tried < this.#count; tried++) {
      const index = this.#next;
      this.#next = (this.#next + 1) % this.#count;
      const range = formatAddressRange(rangeIn(this.#cluster, index, this.#bits));
      if (this.#taken.has(range)) continue;
      this.keep(node, range);
      return range;
    }
    return undefined;
  }

  release(node: string): void {
    const range = this.#byNode.get(node);
    if (range === undefined) return;
    this.#byNode.delete(node);
    this.#taken.delete(range);
  }
}
