/**
 * Which addresses the API server connects to on a caller's behalf: judged when the connection is made, after
 * names are resolved.
 */

import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { badRequest } from '#api/meta/status.ts';

/** What is no global unicast address in Go's sense; an IPv4 address inside an IPv6 one counts as itself. */
const notGlobalUnicast = new BlockList();
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['224.0.0.0', 4],
  ['255.255.255.255', 32],
] as const) {
  notGlobalUnicast.addSubnet(net, prefix, 'ipv4');
}
for (const [net, prefix] of [
  // Unspecified, loopback, and the abandoned way to write an IPv4 address.
  ['::', 96],
  ['fe80::', 10],
  ['ff00::', 8],
] as const) {
  notGlobalUnicast.addSubnet(net, prefix, 'ipv6');
}

export function isGlobalUnicast(address: string): boolean {
  const plain = address.split('%')[0]!;
  const family = isIP(plain);
  return family !== 0 && !notGlobalUnicast.check(plain, family === 4 ? 'ipv4' : 'ipv6');
}

/**
 * Throws for an address; a name is judged when the lookup knows its addresses. `except` is out of bounds as
 * well.
 */
export function assertReachable(host: string, except?: BlockList): void {
  if (isIP(host) !== 0 && !isReachable(host, except)) throw notAllowed();
}

/** Fails when any of a name's addresses is not allowed, whichever would be taken. */
export function lookupReachable(except?: BlockList): LookupFunction {
  return (hostname, options, done) => {
    const all: LookupOptions & { all: true } = { ...options, all: true };
    lookup(hostname, all, (error, addresses: LookupAddress[]) => {
      if (error) return done(error, '', 0);
      const [first] = addresses;
      const areAllowed = addresses.every(({ address }) => isReachable(address, except));
      if (!first || !areAllowed) return done(notAllowed(), '', 0);
      if (options.all) done(null, addresses);
      else done(null, first.address, first.family);
    });
  };
}

function isReachable(address: string, except: BlockList | undefined): boolean {
  if (!isGlobalUnicast(address)) return false;
  return !except?.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
}

function notAllowed(): Error {
  return badRequest('address not allowed');
}
