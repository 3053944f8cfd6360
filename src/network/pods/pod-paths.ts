/**
 * Routes, tunnel and table of one node, brought to what the Node objects ask for; only what differs is changed.
 *
 *   Node objects, the machine's own routes → node-routes.ts → tunnel and its entries, table, routes
 */

import type { Node } from '#api/generated/types.gen.ts';
import { contains, formatIPv4, parseCidr, parseIPv4 } from '#base/net/cidr.ts';
import { uplinkMtu } from '#host/network/bridge.ts';
import { macOf } from '#host/network/links/node-link.ts';
import { keepPodRoutes, machineReach, type Reach } from '#host/network/links/routes.ts';
import { deleteTunnel, ensureTunnel, keepTunnelPeers, tunnelBytes } from '#host/network/links/tunnel.ts';
import { command, tryCommand } from '#host/processes/command.ts';
import { ipv4Ranges, type NodeRoutes, nodeRoutes } from './node-routes.ts';
import { type PodsTable, podsTableScript } from './pods-table.ts';

export interface PodsFrame extends Omit<PodsTable, 'peerPods' | 'nearNodes'> {
  /** Name of the tunnel's device. */
  readonly tunnel: string;
}

export interface Followed {
  /** MTU of pods: a tunnel takes some of each packet. */
  readonly mtu: number;
  /** By the name of a node, why its pods cannot be reached. */
  readonly unreachable: NodeRoutes['unreachable'];
}

/**
 * The table with nodes that the machine has a route of their own to, unless there is one: called before anything can
 * send to the cluster's ranges.
 */
export async function installPodsTable(frame: PodsFrame): Promise<void> {
  if ((await tryCommand('nft', ['list', 'table', 'ip', frame.name])).code === 0) return;
  const { hosts } = await machineReach([frame.bridge, frame.tunnel]);
  await writeTable({ ...frame, peerPods: [], nearNodes: hostsIn(frame.podRange, hosts) });
}

export class PodPaths {
  readonly #frame: PodsFrame;
  readonly #self: { readonly name: string; readonly address: string };
  /** The last table that was written. */
  #table = '';

  constructor(frame: PodsFrame, self: { readonly name: string; readonly address: string }) {
    this.#frame = frame;
    this.#self = self;
  }

  async follow(nodes: readonly Node[]): Promise<Followed> {
    const { podRange, bridge, tunnel } = this.#frame;
    const reach = await machineReach([bridge, tunnel]);
    const wanted = nodeRoutes({ nodes, self: this.#self, reach, podRange, tunnel });
    const [own] = ipv4Ranges(nodes.find(({ metadata }) => metadata?.name === this.#self.name));
    // Only a node with a pod range of its own has an address for the tunnel.
    const inner = wanted.peers.length > 0 && own ? formatIPv4(own.base) : undefined;
    const mtu = (await uplinkMtu()) - (inner ? tunnelBytes : 0);
    await this.#keepTunnel(wanted, inner, mtu);
    const routes = wanted.routes.filter(({ device }) => inner !== undefined || device !== tunnel);
    const peerPods = routes.map(({ podCidr }) => podCidr);
    // The API server may be at such an address, before its Node is known.
    const nearNodes = [...new Set([...wanted.nearNodes, ...hostsIn(podRange, reach.hosts)])];
    await this.#keepTable({ ...this.#frame, peerPods, nearNodes });
    await keepPodRoutes(podRange, routes);
    return { mtu, unreachable: wanted.unreachable };
  }

  async #keepTunnel({ peers }: NodeRoutes, inner: string | undefined, mtu: number): Promise<void> {
    const { tunnel: device, podRange } = this.#frame;
    const local = this.#self.address;
    if (inner === undefined) return deleteTunnel(device);
    await ensureTunnel({ device, vni: vniOf(podRange), local, inner, mac: macOf(local), mtu });
    await keepTunnelPeers(device, peers);
  }

  async #keepTable(table: PodsTable): Promise<void> {
    const text = podsTableScript(table);
    if (text === this.#table) return;
    await writeTable(table);
    this.#table = text;
  }
}

/**
 * Addresses of the pod range that have a next hop of their own are nodes, not pods; and the next hop is the machine that
 * the first node is on.
 */
function hostsIn(podRange: string, hosts: Reach['hosts']): string[] {
  const range = parseCidr(podRange);
  const nodes = hosts.filter(({ address }) => contains(range, parseIPv4(address)));
  return nodes.flatMap(({ address, via }) => [address, via]);
}

async function writeTable(table: PodsTable): Promise<void> {
  await command('nft', ['-f', '-'], { input: podsTableScript(table) });
}

/** The same on all nodes of a cluster, and another for a cluster with other pods on the same machines. */
function vniOf(podRange: string): number {
  return parseCidr(podRange).base >>> 8;
}
