/** Ranges of addresses of either family, as numbers: which addresses they hold, and at which place. */

import { formatIp, type IpAddress, parseCidr, parseIp } from './ip.ts';

export interface AddressRange {
  readonly family: 4 | 6;
  /** The first address. */
  readonly base: bigint;
  readonly prefixBits: number;
}

/** The largest that a range counts as: larger ones are used from their start. */
const sizeMax = 2 ** 52;

/** Host bits are cleared. Undefined for an invalid range. */
export function parseAddressRange(text: string): AddressRange | undefined {
  const range = parseCidr(text);
  if (!range) return undefined;
  const { ip, prefixBits } = range;
  const hostBits = BigInt(ip.bytes.length * 8 - prefixBits);
  return { family: ip.family, base: (numberOf(ip) >> hostBits) << hostBits, prefixBits };
}

export function formatAddressRange({ family, base, prefixBits }: AddressRange): string {
  return `${formatNumber(family, base)}/${prefixBits}`;
}

/** How many addresses there are, 2^52 at most. */
export function rangeSize({ family, prefixBits }: AddressRange): number {
  return Math.min(2 ** ((family === 4 ? 32 : 128) - prefixBits), sizeMax);
}

/** The address in this place of the range; the gateway of a pod range has place 1. */
export function addressIn({ family, base }: AddressRange, place: number): string {
  return formatNumber(family, base + BigInt(place));
}

/** The range of `prefixBits` in this place of a larger range. */
export function rangeIn({ family, base }: AddressRange, place: number, prefixBits: number): AddressRange {
  const hostBits = BigInt((family === 4 ? 32 : 128) - prefixBits);
  return { family, base: base + (BigInt(place) << hostBits), prefixBits };
}

/** Undefined for an address that is invalid or not in the range. */
export function placeIn(range: AddressRange, address: string): number | undefined {
  const ip = parseIp(address);
  if (ip?.family !== range.family) return undefined;
  const place = numberOf(ip) - range.base;
  return place >= 0n && place < 1n << BigInt(ip.bytes.length * 8 - range.prefixBits)
    ? Number(place)
    : undefined;
}

/** As IPAddress objects are named; undefined for an invalid address. */
export function canonicalAddress(text: string): string | undefined {
  const ip = parseIp(text);
  return ip && formatIp(ip);
}

function numberOf({ bytes }: IpAddress): bigint {
  return bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

function formatNumber(family: 4 | 6, number: bigint): string {
  const length = family === 4 ? 4 : 16;
  const bytes = Array.from({ length }, (_, i) => Number((number >> BigInt((length - 1 - i) * 8)) & 255n));
  return formatIp({ family, bytes });
}
