/**
 * Gives every node its own part of the cluster's pod range (a /24), never the same part to two.
 *
 * Reads nodes; writes node spec.podCIDR and spec.podCIDRs. Follows upstream's range allocator: a node keeps
 * its range, a deleted node's range is free again; when none is left the node gets the event
 * CIDRNotAvailable.
 */

import { nodes } from '#api/generated/kinds.gen.ts';
import type { Node } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { formatCidr, parseCidr } from '#base/net/cidr.ts';
import { type ControllerDefinition, defineController } from '#client/controllers/controller.ts';
import { nothingToDo, type Plan, targetOf } from '#client/controllers/plan.ts';
import { watch } from '#client/controllers/watch.ts';
import { eventAction } from '../shared/event-action.ts';

const nodeBitsDefault = 24;
const noneLeftRetryMs = 30_000;

/** `clusterCidr`: `10.244.0.0/16`. */
export function nodeIpam(clusterCidr: string, nodeBits = nodeBitsDefault): ControllerDefinition {
  return defineController({
    name: 'node-ipam-controller',
    identity: 'node-controller',
    // One worker: choosing a free range must not be interleaved.
    workers: 1,
    start({ informers }) {
      const cached = informers.for(nodes);
      const ranges = new NodeRanges(clusterCidr, nodeBits);
      return {
        watches: [
          watch({
            type: nodes,
            on: ['listed', 'added'],
            note(change, { metadata, spec }) {
              if (change === 'deleted') ranges.release(metadata.name);
              else ranges.keep(metadata.name, spec?.podCIDR);
            },
          }),
        ],
        reconcile: (name) => assign(cached.get(undefined, name), ranges),
      };
    },
  });
}

function assign(node: Stored<Node> | undefined, ranges: NodeRanges): Plan {
  if (!node || node.spec?.podCIDR) return nothingToDo;
  const { name, uid } = node.metadata;
  const podCIDR = ranges.take(name);
  if (podCIDR === undefined) {
    const message = `Node ${name} status is now: CIDRNotAvailable`;
    const regarding = { apiVersion: 'v1', kind: 'Node', metadata: { name, uid } };
    const event = eventAction(regarding, 'Normal', 'CIDRNotAvailable', message);
    return { actions: [event], againInMs: noneLeftRetryMs };
  }
  const patch = { metadata: { uid }, spec: { podCIDR, podCIDRs: [podCIDR] } };
  return { actions: [{ do: 'patch', ...targetOf(nodes, node), patchType: 'strategic', patch }] };
}

export class NodeRanges {
  readonly #base: number;
  readonly #bits: number;
  readonly #count: number;
  readonly #byNode = new Map<string, string>();
  readonly #taken = new Set<string>();
  #next = 0;

  constructor(clusterCidr: string, nodeBits: number) {
    const cluster = parseCidr(clusterCidr);
    if (nodeBits < cluster.bits) throw new Error(`a /${nodeBits} per node does not fit into ${clusterCidr}`);
    this.#base = cluster.base;
    this.#bits = nodeBits;
    this.#count = 2 ** (nodeBits - cluster.bits);
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
      const range = formatCidr({ base: this.#base + index * 2 ** (32 - this.#bits), bits: this.#bits });
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
