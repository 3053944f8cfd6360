/**
 * Nodes without a cluster, each a namespace with one pod on its pod bridge, on two links that this machine joins: nodes
 * of one link reach each other directly, those of two links through the machine.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Node } from '#api/generated/types.gen.ts';
import { deleteLinkTable, ensureLinkTable } from '#host/network/links/link-table.ts';
import {
  deleteDevice,
  ensureNamespace,
  enterNamespace,
  ipBatch,
  removeNamespace,
} from '#host/network/links/network-namespace.ts';
import { connectNode, disconnectNode, ensureLink, type Link } from '#host/network/links/node-link.ts';
import { command } from '#host/processes/command.ts';
import type { FollowRequest } from './follow-nodes.ts';

export interface LabNode {
  readonly name: string;
  readonly address: string;
  readonly pod: string;
  readonly podCidr: string;
  readonly device: string;
  /** File of the namespace of the node, and of its pod. */
  readonly namespace: string;
  readonly podNamespace: string;
}

const podRange = '198.19.0.0/16';
const serviceRange = '198.18.248.0/24';
const mtu = 1500;
/** Third part of the range of each link. */
const linkNumbers = [245, 246] as const;

/** `prefix`: of the names of devices, at most 7 characters. */
export class NodeLab {
  readonly #prefix: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'kybern-lab-'));
  readonly #links: readonly Link[];
  readonly nodes: LabNode[] = [];

  constructor(prefix: string) {
    this.#prefix = prefix;
    this.#links = linkNumbers.map((number) => ({
      bridge: `${prefix}l${number}`,
      range: `198.18.${number}.0/24`,
      mtu,
    }));
  }

  async start(): Promise<void> {
    const devices = this.#links.map(({ bridge }) => bridge);
    for (const link of this.#links) {
      await ensureLink(link);
      await ensureLinkTable({ name: link.bridge, devices, linkRange: link.range });
    }
  }

  /** A node on link 0 or 1, with its pod. `number`: from 2 on. */
  async addNode(number: number, onLink: 0 | 1): Promise<LabNode> {
    const link = this.#links[onLink];
    if (!link) throw new Error('there is no such link');
    const node: LabNode = {
      name: `lab-${number}`,
      address: `198.18.${linkNumbers[onLink]}.${number}`,
      pod: `198.19.${number}.5`,
      podCidr: `198.19.${number}.0/24`,
      device: `${this.#prefix}v${number}`,
      namespace: join(this.#folder, `node-${number}`),
      podNamespace: join(this.#folder, `pod-${number}`),
    };
    await connectNode(link, { ...node, behindMachine: [] });
    this.nodes.push(node);
    await this.follow(node, [node]);
    await this.#addPod(node);
    return node;
  }

  /** Attached to the bridge as the CNI plugin does it. */
  async #addPod({ pod, podCidr, namespace, podNamespace }: LabNode): Promise<void> {
    await ensureNamespace(podNamespace);
    const gateway = podCidr.replace(/0\/24$/, '1');
    const cable = `link add pod0 mtu ${mtu} type veth peer name eth0 mtu ${mtu} netns ${podNamespace}`;
    await ipBatch([cable, 'link set pod0 master pods up'], namespace);
    const up = [`address add ${pod}/24 dev eth0`, 'link set eth0 up', `route add default via ${gateway}`];
    await ipBatch(up, podNamespace);
  }

  /** The node learns of `nodes`. Returns what it printed. */
  async follow(
    node: LabNode,
    nodes: readonly LabNode[],
  ): Promise<{ mtu: number; unreachable: [string, string][] }> {
    const request: FollowRequest = {
      frame: { name: 'lab_pods', bridge: 'pods', tunnel: 'podsx', podRange, serviceRange },
      self: node,
      gateway: node.podCidr.replace(/0\/24$/, '1/24'),
      nodes: nodes.map(objectOf),
    };
    const script = join(import.meta.dirname, 'follow-nodes.ts');
    const [program, ...args] = enterNamespace(node.namespace);
    const run = [...process.execArgv.filter(isCondition), script, JSON.stringify(request)];
    return JSON.parse(await command(program, [...args, process.execPath, ...run]));
  }

  async followAll(): Promise<void> {
    for (const node of this.nodes) await this.follow(node, this.nodes);
  }

  async stop(): Promise<void> {
    for (const { device, namespace, podNamespace } of this.nodes) {
      await removeNamespace(podNamespace);
      await disconnectNode(device);
      await removeNamespace(namespace);
    }
    for (const { bridge } of this.#links) {
      await deleteLinkTable(bridge);
      await deleteDevice(bridge);
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function isCondition(argument: string): boolean {
  return argument.startsWith('--conditions') || argument.startsWith('--disable-warning');
}

function objectOf({ name, address, podCidr }: LabNode): Node {
  return {
    metadata: { name },
    spec: { podCIDR: podCidr, podCIDRs: [podCidr] },
    status: { addresses: [{ type: 'InternalIP', address }] },
  };
}
