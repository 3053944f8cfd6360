/**
 * The private link of a cluster's nodes on this machine: a bridge with the machine's address, and a cable from it
 * into the namespace of each node. A node reaches everything else through the machine.
 */

import { writeFile } from 'node:fs/promises';
import { addressAt, type Cidr, formatIPv4, parseCidr, parseIPv4 } from '#base/net/cidr.ts';
import { command } from '../../processes/command.ts';
import { deleteDevice, ensureNamespace, hasDevice, ipBatch } from './network-namespace.ts';

export interface Link {
  /** Name of the bridge; at most 15 characters. */
  readonly bridge: string;
  /** `10.201.0.0/24`; the machine has the first address. */
  readonly range: string;
  readonly mtu: number;
}

export interface NodeCable {
  /** File that holds the node's namespace. */
  readonly namespace: string;
  /** The machine's end; at most 15 characters. */
  readonly device: string;
  readonly address: string;
  /** Addresses that the node reaches through the machine by a route of their own: the cluster's first node. */
  readonly behindMachine: readonly string[];
}

/** The node's end of its cable. */
export const nodeDevice = 'eth0';

export function machineAddressOn(range: string): string {
  return addressAt(parseCidr(range), 1);
}

/** Creates or repairs the bridge. */
export async function ensureLink({ bridge, range, mtu }: Link): Promise<void> {
  const { bits } = parseCidr(range);
  const isThere = hasDevice(bridge);
  await ipBatch([
    ...(isThere ? [] : [`link add ${bridge} mtu ${mtu} type bridge forward_delay 0`]),
    `link set ${bridge} up`,
    `address replace ${machineAddressOn(range)}/${bits} dev ${bridge}`,
  ]);
  await writeFile('/proc/sys/net/ipv4/ip_forward', '1');
}

/** Creates the node's namespace and its cable, or repairs them. The link is there. */
export async function connectNode(link: Link, cable: NodeCable): Promise<void> {
  const { namespace, device, address, behindMachine } = cable;
  const range = parseCidr(link.range);
  const gateway = machineAddressOn(link.range);
  await ensureNamespace(namespace);
  if (!hasDevice(device)) {
    // The same address after the cable is made again: neighbours keep what they have learnt.
    const mac = macOf(address);
    const peer = `peer name ${nodeDevice} mtu ${link.mtu} address ${mac} netns ${namespace}`;
    await command('ip', `link add ${device} mtu ${link.mtu} type veth ${peer}`.split(' '));
  }
  await ipBatch([`link set ${device} master ${link.bridge}`, `link set ${device} up`]);
  await ipBatch(
    [
      `address replace ${address}/${range.bits} dev ${nodeDevice}`,
      `link set ${nodeDevice} up`,
      `route replace default via ${gateway} dev ${nodeDevice}`,
      ...behindMachine.map((host) => `route replace ${host}/32 via ${gateway} dev ${nodeDevice}`),
    ],
    namespace,
  );
}

/** Both ends of the cable are gone. */
export async function disconnectNode(device: string): Promise<void> {
  await deleteDevice(device);
}

/** Locally administered, made of an IPv4 address: `0a:6b` and its four bytes. */
export function macOf(address: string): string {
  const bytes = [24, 16, 8, 0].map((shift) => (parseIPv4(address) >>> shift) & 255);
  return ['0a', '6b', ...bytes.map((byte) => byte.toString(16).padStart(2, '0'))].join(':');
}

/** The lowest address of the link that is not in `taken`; throws when there is none. */
export function freeAddressOn(range: string, taken: readonly string[]): string {
  const link: Cidr = parseCidr(range);
  const last = 2 ** (32 - link.bits) - 2;
  for (let offset = 2; offset <= last; offset++) {
    const address = formatIPv4(link.base + offset);
    if (!taken.includes(address)) return address;
  }
  throw new Error(`all addresses of the link ${range} are in use`);
}
