/** The provider `local` on this machine: its addresses are answered on the link whose network they belong to. */

import { parseCidr, parseIp } from '#api/values/ip.ts';
import { rangeHasHost } from '#api/values/ip-range.ts';
import type { CloudProvider } from '#controllers/cloud/cloud-provider.ts';
import { type Announcer, localProvider } from '#controllers/cloud/local/local-load-balancers.ts';
import { linkOf, proxyAddress, unproxyAddresses } from '#host/network/links/proxied-addresses.ts';

/** Without a range: the provider `none`. */
export function cloudOf({ balancerRange, bridge }: Balancing): CloudProvider {
  if (balancerRange === undefined) return { name: 'none' };
  return localProvider(balancerRange.split(','), announcerBeside(bridge));
}

interface Balancing {
  readonly balancerRange?: string;
  readonly bridge: string;
}

function announcerBeside(bridge: string): Announcer {
  return {
    async announce(address) {
      const link = await linkOf(address, isInside);
      if (link !== undefined && link !== bridge) await proxyAddress(address, link);
    },
    withdraw: (address) => unproxyAddresses((proxied) => proxied === address),
  };
}

function isInside(address: string, local: string, prefixBits: number): boolean {
  const network = parseCidr(`${local}/${prefixBits}`);
  const ip = parseIp(address);
  return network !== undefined && ip !== undefined && rangeHasHost(network, ip);
}
