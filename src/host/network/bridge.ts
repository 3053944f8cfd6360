/** The pod bridge of a cluster: a layer-2 switch in the machine, with its address, routes and sysctls. */

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { addressAt, parseCidr } from '#base/net/cidr.ts';
import { rangeOf } from '#base/net/range-list.ts';
import { command, tryCommand } from '../processes/command.ts';

export interface BridgeOptions {
  /** At most 15 characters. */
  readonly name: string;
  /** Gateway address with the prefix length of the node's pod range: `10.244.0.1/24`; none: not known yet. */
  readonly address?: string;
  /** The machine's address, from which it sends into the ranges. */
  readonly source: string;
  /** Ranges routed to the bridge so that their packets never leave by another device. */
  readonly routes: readonly string[];
  readonly mtu: number;
}

/** What a cluster has on its bridge; `none` is no range. */
export interface RoutedRanges {
  readonly podRange?: string;
  readonly serviceRange: string;
  readonly balancerRange?: string;
}

/** Destinations of all IPv4 routes of the machine, `default` among them. */
export async function machineRoutes(): Promise<string[]> {
  const routes: { dst: string }[] = JSON.parse(await command('ip', ['-j', '-4', 'route', 'show']));
  return routes.map((route) => route.dst);
}

/**
 * The bridge with the routes of the IPv4 ranges, enough for the next cluster to choose other ranges. Without
 * `nodeAddress` the node's address is the first of the pod range, on the bridge itself. Without `podRange`, pods
 * have a network of their own.
 */
export async function takeRoutes(name: string, ranges: RoutedRanges, nodeAddress?: string): Promise<void> {
  const serviceRange = rangeOf(ranges.serviceRange, 4);
  const podRange = ranges.podRange === undefined ? undefined : rangeOf(ranges.podRange, 4);
  const routes = [podRange, serviceRange, ranges.balancerRange].filter(isRange);
  const first = addressAt(parseCidr(podRange ?? serviceRange), 1);
  const at = nodeAddress ? { source: nodeAddress } : { source: first, address: `${first}/24` };
  await ensureBridge({ name, ...at, routes, mtu: await uplinkMtu() });
}

/** Creates or repairs the bridge; idempotent. Its routes exist before any pod does. */
export async function ensureBridge(options: BridgeOptions): Promise<void> {
  const { name } = options;
  if ((await tryCommand('ip', ['link', 'show', name])).code !== 0) {
    await command('ip', ['link', 'add', name, 'type', 'bridge', 'forward_delay', '0']);
  }
  if (options.address) await addAddress(name, options.address);
  await setMtu(name, options.mtu);
  await command('ip', ['link', 'set', name, 'up']);
  for (const route of options.routes) {
    await command('ip', ['route', 'replace', route, 'dev', name, 'src', options.source]);
  }
  await Promise.all([
    // Replies between two pods of one bridge must pass connection tracking, or the service's address is not
    // restored.
    command('ip', ['link', 'set', name, 'type', 'bridge', 'nf_call_iptables', '1']),
    writeFile('/proc/sys/net/ipv4/ip_forward', '1'),
    // Makes node ports reachable at 127.0.0.1; the service table rejects loopback addresses from pods.
    writeFile(`/proc/sys/net/ipv4/conf/${name}/route_localnet`, '1'),
  ]);
}

/** `10.244.3.1/24`; harmless when the bridge has it. */
export async function addAddress(name: string, address: string): Promise<void> {
  // Usable at once: the range is the node's own, so that no other device has the address.
  const flags = address.includes(':') ? ['nodad'] : [];
  await command('ip', ['address', 'replace', address, 'dev', name, ...flags]);
}

export async function deleteBridge(name: string): Promise<void> {
  if ((await tryCommand('ip', ['link', 'show', name])).code === 0) {
    await command('ip', ['link', 'delete', name]);
  }
}

/** Set after a bridge is made, the MTU stays; one that it is made with goes back to 1500 when its last port leaves. */
export async function setMtu(device: string, mtu: number): Promise<void> {
  await command('ip', ['link', 'set', device, 'mtu', String(mtu)]);
}

/** MTU of the device the default route uses, or 1500. */
export async function uplinkMtu(): Promise<number> {
  const routes: { dev: string }[] = JSON.parse(await command('ip', ['-j', '-4', 'route', 'show', 'default']));
  const device = routes[0]?.dev;
  if (!device) return 1500;
  const links: { mtu: number }[] = JSON.parse(await command('ip', ['-j', 'link', 'show', device]));
  return links[0]?.mtu ?? 1500;
}

function isRange(range: string | undefined): range is string {
  return range !== undefined && range !== 'none';
}

/** IPv6 ranges of a cluster. */
export interface Ipv6Ranges {
  readonly podRange: string;
  readonly serviceRange: string;
  /** The first of the pod range: the node's. */
  readonly address: string;
}

/** The same for the second family of a cluster; the bridge is there. */
export async function takeIpv6Routes(name: string, ranges: Ipv6Ranges): Promise<void> {
  const { podRange, serviceRange, address } = ranges;
  const sysctls = '/proc/sys/net/ipv6/conf';
  await writeFile(`${sysctls}/${name}/disable_ipv6`, '0');
  await keepAdvertisedRoutes(sysctls);
  await writeFile(`${sysctls}/all/forwarding`, '1');
  await command('ip', ['link', 'set', name, 'type', 'bridge', 'nf_call_ip6tables', '1']);
  await addAddress(name, `${address}/64`);
  for (const route of [podRange, serviceRange]) {
    await command('ip', ['-6', 'route', 'replace', route, 'dev', name, 'src', address]);
  }
}

/** A machine that forwards ignores the routes that routers advertise, unless its devices ask for them all the same. */
async function keepAdvertisedRoutes(sysctls: string): Promise<void> {
  for (const device of await readdir(sysctls)) {
    const path = `${sysctls}/${device}/accept_ra`;
    const value = await readFile(path, 'utf8').catch(() => '');
    if (value.trim() === '1') await writeFile(path, '2');
  }
}
