/**
 * Where packets for the pods of other nodes go, decided from the Node objects and from what the machine's own routing
 * shows: through the node itself when it is on a common link (or has a next hop of its own), else through a tunnel.
 */

import type { Node } from '#api/generated/types.gen.ts';
import { type Cidr, contains, formatIPv4, overlap, parseCidr, parseIPv4 } from '#base/net/cidr.ts';
import { macOf } from '#host/network/links/node-link.ts';
import type { PodRoute, Reach } from '#host/network/links/routes.ts';
import type { TunnelPeer } from '#host/network/links/tunnel.ts';

export interface NodeRoutes {
  readonly routes: readonly PodRoute[];
  readonly peers: readonly TunnelPeer[];
  /** Addresses of nodes that need no tunnel: their pods' and ours keep their own address to them. */
  readonly nearNodes: readonly string[];
  /** By the name of a node, why its pods cannot be reached. */
  readonly unreachable: ReadonlyMap<string, string>;
}

export interface RoutesView {
  readonly nodes: readonly Pick<Node, 'metadata' | 'spec' | 'status'>[];
  /** The node that decides. */
  readonly self: { readonly name: string; readonly address: string };
  readonly reach: Reach;
  readonly podRange: string;
  /** Name of the tunnel's device. */
  readonly tunnel: string;
}

interface Peer {
  readonly name: string;
  readonly address: string;
  readonly podCidr: Cidr;
}

/** Nodes without a pod range, without an address, and simulated ones (on the loopback) have no pods to reach. */
export function nodeRoutes(view: RoutesView): NodeRoutes {
  const routes: PodRoute[] = [];
  const peers: TunnelPeer[] = [];
  const nearNodes: string[] = [];
  const unreachable = new Map<string, string>();
  for (const peer of peersOf(view, unreachable)) {
    const { name, address, podCidr } = peer;
    const text = `${formatIPv4(podCidr.base)}/${podCidr.bits}`;
    const hop = nextHop(address, view.reach);
    if (hop) {
      nearNodes.push(address);
      // Its pods know the way back to that.
      routes.push({ podCidr: text, ...hop, source: view.self.address });
    } else if (contains(parseCidr(view.podRange), parseIPv4(address))) {
      unreachable.set(name, `its address ${address} is one of the pod range`);
    } else {
      const inner = formatIPv4(podCidr.base);
      peers.push({ node: address, inner, mac: macOf(address) });
      routes.push({ podCidr: text, via: inner, device: view.tunnel });
    }
  }
  return { routes, peers, nearNodes, unreachable };
}

/** By name; a range that another node has is not taken from it. */
function peersOf({ nodes, self, podRange }: RoutesView, unreachable: Map<string, string>): Peer[] {
  const all = parseCidr(podRange);
  const found: Peer[] = [];
  const own = nodes.find((node) => node.metadata?.name === self.name);
  const taken = ipv4Ranges(own).slice();
  for (const node of [...nodes].sort(byName)) {
    const name = node.metadata?.name ?? '';
    const address = internalIp(node);
    if (name === self.name || !address || address === self.address || address.startsWith('127.')) continue;
    for (const podCidr of ipv4Ranges(node)) {
      if (podCidr.bits <= all.bits || !contains(all, podCidr.base)) {
        unreachable.set(name, `its pod range is not inside ${podRange}`);
      } else if (taken.some((range) => overlap(range, podCidr))) {
        unreachable.set(name, 'its pod range is that of another node');
      } else {
        taken.push(podCidr);
        found.push({ name, address, podCidr });
      }
    }
  }
  return found;
}

function byName(a: Pick<Node, 'metadata'>, b: Pick<Node, 'metadata'>): number {
  return (a.metadata?.name ?? '') < (b.metadata?.name ?? '') ? -1 : 1;
}

function nextHop(address: string, { links, hosts }: Reach): { via: string; device: string } | undefined {
  const host = hosts.find((route) => route.address === address);
  if (host) return { via: host.via, device: host.device };
  const link = links.find(({ range }) => contains(parseCidr(range), parseIPv4(address)));
  return link && { via: address, device: link.device };
}

/** The first of its IPv4 addresses. */
export function internalIp(node: Pick<Node, 'status'> | undefined): string | undefined {
  const addresses = node?.status?.addresses ?? [];
  return addresses.find(({ type, address }) => type === 'InternalIP' && isIPv4(address))?.address;
}

/** The node's IPv4 ranges, one that the API has not checked left out. */
export function ipv4Ranges(node: Pick<Node, 'spec'> | undefined): Cidr[] {
  const { podCIDRs, podCIDR } = node?.spec ?? {};
  const texts = podCIDRs ?? (podCIDR ? [podCIDR] : []);
  return texts.filter((text) => isIPv4(text.split('/')[0] ?? '')).map(parseCidr);
}

function isIPv4(text: string): boolean {
  try {
    parseIPv4(text);
    return true;
  } catch {
    return false;
  }
}
