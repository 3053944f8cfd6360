/**
 * Addresses of a link's network that this machine answers for (ARP, or NDP), although no device has them: packets to
 * them then arrive here.
 */

import { writeFile } from 'node:fs/promises';
import { command, tryCommand } from '../../processes/command.ts';

interface LinkAddresses {
  readonly ifname: string;
  readonly addr_info: readonly {
    readonly local: string;
    readonly prefixlen: number;
    readonly scope: string;
  }[];
}

interface Proxied {
  readonly dst: string;
  readonly dev: string;
}

/** Whether `address` lies in the network of `local` with `prefixBits`. */
type IsInside = (address: string, local: string, prefixBits: number) => boolean;

/** The device whose network the address belongs to; undefined where packets to it are routed. */
export async function linkOf(address: string, isInside: IsInside): Promise<string | undefined> {
  const listed: LinkAddresses[] = JSON.parse(
    await command('ip', ['-j', familyFlag(address), 'address', 'show']),
  );
  return listed.find(({ addr_info }) =>
    addr_info.some(
      ({ local, prefixlen, scope }) => scope === 'global' && isInside(address, local, prefixlen),
    ),
  )?.ifname;
}

/** The link's neighbours are answered; idempotent. */
export async function proxyAddress(address: string, link: string): Promise<void> {
  if (address.includes(':')) await writeFile(`/proc/sys/net/ipv6/conf/${link}/proxy_ndp`, '1');
  await command('ip', [familyFlag(address), 'neigh', 'replace', 'proxy', address, 'dev', link]);
}

/** Of any link; harmless when none is. */
export async function unproxyAddresses(isWanted: (address: string) => boolean): Promise<void> {
  for (const family of ['-4', '-6']) {
    const { stdout } = await tryCommand('ip', ['-j', family, 'neigh', 'show', 'proxy']);
    const found: Proxied[] = stdout.trim() === '' ? [] : JSON.parse(stdout);
    for (const { dst, dev } of found.filter((proxied) => isWanted(proxied.dst))) {
      await tryCommand('ip', [family, 'neigh', 'delete', 'proxy', dst, 'dev', dev]);
    }
  }
}

function familyFlag(address: string): '-4' | '-6' {
  return address.includes(':') ? '-6' : '-4';
}
