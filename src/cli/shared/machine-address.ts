/** An address that the user has chosen for a node: one of this machine, at which other machines can reach it. */

import { networkInterfaces } from 'node:os';
import { isLoopback, isUnspecified, parseIp } from '#api/values/ip.ts';
import { Problem } from './problem.ts';

/** IPv4, as the pod network's. */
export function machineAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses = []) => addresses)
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address);
}

/** Throws a `Problem` for what is no address, is loopback, or is not of this machine. */
export function mustBeOfMachine(flag: string, address: string, ofMachine = machineAddresses()): void {
  const ip = parseIp(address);
  const have = `this machine has: ${ofMachine.join(', ') || 'none'}`;
  if (ip?.family !== 4) throw new Problem(`${flag} ${address} is not an IPv4 address`, have);
  if (isLoopback(ip) || isUnspecified(ip)) {
    throw new Problem(`${flag} ${address} is no address at which other machines reach this one`, have);
  }
  if (!ofMachine.includes(address)) {
    throw new Problem(`${flag} ${address} is not an address of this machine`, have);
  }
}
