/**
 * The VXLAN device of a node: carries packets for pods of nodes that are on no common link. It learns nothing: where
 * each node is stands in its forwarding and neighbour entries, which are permanent.
 */

import { command } from '../../processes/command.ts';
import { deleteDevice, hasDevice, ipBatch } from './network-namespace.ts';

export interface Tunnel {
  /** At most 15 characters. */
  readonly device: string;
  /** Number of the cluster's network, the same on all its nodes; 24 bits. */
  readonly vni: number;
  /** The node's own address, from which packets are sent. */
  readonly local: string;
  /** Address of the device, from which this node speaks to pods behind the tunnel. */
  readonly inner: string;
  readonly mac: string;
  readonly mtu: number;
}

export interface TunnelPeer {
  /** Address of the node, where packets are sent. */
  readonly node: string;
  /** Of the node's own tunnel device. */
  readonly inner: string;
  readonly mac: string;
}

/** What VXLAN adds to a packet over IPv4. */
export const tunnelBytes = 50;
/** That of Linux' first VXLAN, which others use for pods as well. */
const tunnelPort = 8472;

/** Creates the device or repairs it. One that was made for another address or network is made again. */
export async function ensureTunnel(tunnel: Tunnel): Promise<void> {
  const { device, vni, local, inner, mac, mtu } = tunnel;
  if (hasDevice(device) && !(await isFor(tunnel))) await deleteDevice(device);
  const made = `link add ${device} type vxlan id ${vni} dstport ${tunnelPort} nolearning local ${local}`;
  await ipBatch([
    ...(hasDevice(device) ? [] : [made]),
    `link set ${device} address ${mac} mtu ${mtu} up`,
    `address replace ${inner}/32 dev ${device}`,
  ]);
}

async function isFor({ device, vni, local, inner }: Tunnel): Promise<boolean> {
  const [links, addresses] = await Promise.all([
    command('ip', ['-j', '-d', 'link', 'show', device]),
    command('ip', ['-j', '-4', 'address', 'show', device]),
  ]);
  const data = JSON.parse(links)[0]?.linkinfo?.info_data;
  const has: { local: string }[] = JSON.parse(addresses)[0]?.addr_info ?? [];
  return data?.id === vni && data.local === local && has.every((address) => address.local === inner);
}

export const deleteTunnel = deleteDevice;

/** Entries of the device's tables; changes only what differs. */
export async function keepTunnelPeers(device: string, wanted: readonly TunnelPeer[]): Promise<void> {
  const [neighbours, forwarding] = await Promise.all([
    command('ip', ['-j', '-4', 'neigh', 'show', 'dev', device, 'nud', 'permanent']),
    command('bridge', ['-j', 'fdb', 'show', 'dev', device]),
  ]);
  const { ip, bridge } = peerChanges(device, JSON.parse(neighbours), JSON.parse(forwarding), wanted);
  if (bridge.length > 0) await command('bridge', ['-batch', '-'], { input: `${bridge.join('\n')}\n` });
  await ipBatch(ip);
}

/** As `ip -j neigh` shows it. */
interface Neighbour {
  readonly dst: string;
  readonly lladdr?: string;
}

/** As `bridge -j fdb` shows it. */
interface Forwarding {
  readonly mac: string;
  readonly dst?: string;
}

/** Lines of `ip -batch` and of `bridge -batch`. */
export function peerChanges(
  device: string,
  neighbours: readonly Neighbour[],
  forwarding: readonly Forwarding[],
  wanted: readonly TunnelPeer[],
): { ip: string[]; bridge: string[] } {
  const knows = ({ inner, mac }: TunnelPeer) =>
    neighbours.some(({ dst, lladdr }) => dst === inner && lladdr === mac);
  const forwards = ({ node, mac }: TunnelPeer) =>
    forwarding.some((entry) => entry.mac === mac && entry.dst === node);
  const strayNeighbours = neighbours.filter(({ dst }) => !wanted.some(({ inner }) => inner === dst));
  const strayForwarding = forwarding.filter(({ mac }) => !wanted.some((peer) => peer.mac === mac));
  return {
    ip: [
      ...strayNeighbours.map(({ dst }) => `neigh delete ${dst} dev ${device}`),
      ...wanted
        .filter((peer) => !knows(peer))
        .map(({ inner, mac }) => `neigh replace ${inner} lladdr ${mac} dev ${device} nud permanent`),
    ],
    bridge: [
      ...strayForwarding.map(({ mac }) => `fdb delete ${mac} dev ${device} self`),
      ...wanted
        .filter((peer) => !forwards(peer))
        .map(({ node, mac }) => `fdb replace ${mac} dev ${device} dst ${node} self permanent`),
    ],
  };
}
