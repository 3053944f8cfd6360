/** Ranges of IP addresses as numbers: IP blocks with their exceptions, and their division into disjoint parts. */

import { formatIp, hasBitsBeyond, type IpAddress, parseCidr } from '#api/values/ip.ts';

export type Family = 4 | 6;

export interface AddressRange {
  readonly from: bigint;
  readonly to: bigint;
}

/** An IP block: the addresses of the range that lie in no exception. */
export interface Block {
  readonly family: Family;
  readonly ranges: readonly AddressRange[];
}

export interface BlockProblem {
  readonly field: string;
  readonly value: string;
}

/** A block with a range that cannot be read allows no address. */
export function blockOf(cidr: string, except: readonly string[]): Block | BlockProblem {
  const whole = rangeOf(cidr);
  if (!whole) return { field: 'cidr', value: cidr };
  const holes: AddressRange[] = [];
  for (const [i, text] of except.entries()) {
    const hole = rangeOf(text);
    if (hole?.family !== whole.family) return { field: `except[${i}]`, value: text };
    holes.push(hole);
  }
  return { family: whole.family, ranges: without(whole, holes) };
}

export function isBlock(block: Block | BlockProblem): block is Block {
  return 'ranges' in block;
}

export function covers({ ranges }: Block, address: bigint): boolean {
  return ranges.some(({ from, to }) => from <= address && address <= to);
}

export function addressNumber({ bytes }: IpAddress): bigint {
  return bytes.reduce((number, byte) => (number << 8n) | BigInt(byte), 0n);
}

/** `10.0.0.0-10.0.0.255`, or the address alone. */
export function rangeText({ from, to }: AddressRange, family: Family): string {
  return from === to ? addressText(from, family) : `${addressText(from, family)}-${addressText(to, family)}`;
}

/**
 * Cuts overlapping blocks into disjoint ranges, each with the indexes of the blocks that cover it; neighbours with
 * the same blocks are one range.
 */
export function divide(blocks: readonly Block[]): { range: AddressRange; covering: number[] }[] {
  const bounds = new Set<bigint>();
  for (const { ranges } of blocks) for (const { from, to } of ranges) bounds.add(from).add(to + 1n);
  const sorted = [...bounds].sort((a, b) => (a < b ? -1 : 1));
  const parts: { range: AddressRange; covering: number[] }[] = [];
  for (let i = 0; i + 1 < sorted.length; i++) {
    const from = sorted[i]!;
    const to = sorted[i + 1]! - 1n;
    const covering = blocks.flatMap((block, index) => (covers(block, from) ? [index] : []));
    if (covering.length === 0) continue;
    const last = parts.at(-1);
    const joins = last?.range.to === from - 1n && last.covering.join() === covering.join();
    if (last && joins) last.range = { from: last.range.from, to };
    else parts.push({ range: { from, to }, covering });
  }
  return parts;
}

function rangeOf(text: string): (AddressRange & { family: Family }) | undefined {
  const parsed = parseCidr(text.trim());
  if (!parsed) return undefined;
  const { ip, prefixBits } = parsed;
  const size = 1n << BigInt(ip.bytes.length * 8 - prefixBits);
  const number = addressNumber(ip);
  const from = hasBitsBeyond(parsed) ? number - (number % size) : number;
  return { family: ip.family, from, to: from + size - 1n };
}

function without(whole: AddressRange, holes: readonly AddressRange[]): AddressRange[] {
  let left = [{ from: whole.from, to: whole.to }];
  for (const hole of holes) {
    left = left.flatMap(({ from, to }) => {
      if (hole.to < from || hole.from > to) return [{ from, to }];
      const before = hole.from > from ? [{ from, to: hole.from - 1n }] : [];
      const after = hole.to < to ? [{ from: hole.to + 1n, to }] : [];
      return [...before, ...after];
    });
  }
  return left;
}

function addressText(number: bigint, family: Family): string {
  const length = family === 4 ? 4 : 16;
  const bytes = Array.from({ length }, (_, i) => Number((number >> BigInt((length - 1 - i) * 8)) & 0xffn));
  return formatIp({ family, bytes });
}
