/** Relations of IP ranges to each other and to addresses, of both families. */

import { hasBitsBeyond, type IpAddress, type IpRange } from './ip.ts';

export function rangesOverlap(a: IpRange, b: IpRange): boolean {
  return startAlike(a.ip, b.ip, Math.min(a.prefixBits, b.prefixBits));
}

/** A range contains itself. */
export function rangeContains(outer: IpRange, inner: IpRange): boolean {
  return outer.prefixBits <= inner.prefixBits && rangesOverlap(outer, inner);
}

/** The network address and, for IPv4, the broadcast address are not hosts. */
export function rangeHasHost({ ip, prefixBits }: IpRange, address: IpAddress): boolean {
  if (!startAlike(ip, address, prefixBits)) return false;
  if (!hasBitsBeyond({ ip: address, prefixBits })) return false;
  const inverted = { ...address, bytes: address.bytes.map((byte) => ~byte & 0xff) };
  return address.family === 6 || hasBitsBeyond({ ip: inverted, prefixBits });
}

function startAlike(a: IpAddress, b: IpAddress, bits: number): boolean {
  if (a.family !== b.family) return false;
  return a.bytes.every((byte, i) => {
    const own = Math.min(Math.max(bits - i * 8, 0), 8);
    return (byte ^ b.bytes[i]!) >> (8 - own) === 0;
  });
}
