/** A range of addresses that load balancers are given from. */

import { formatIp, type IpAddress, parseCidr, parseIp } from '#api/values/ip.ts';

/** More are not looked through for a free one. */
const addressesMax = 65_536n;

export class AddressRange {
  readonly text: string;
  readonly family: 4 | 6;
  readonly #first: bigint;
  readonly #count: bigint;

  /** Throws for a text that is no range. */
  constructor(text: string) {
    const range = parseCidr(text);
    if (!range) throw new Error(`${text} is no range of addresses`);
    this.text = text;
    this.family = range.ip.family;
    this.#count = 1n << BigInt(range.ip.bytes.length * 8 - range.prefixBits);
    this.#first = numberOf(range.ip) - (numberOf(range.ip) % this.#count);
  }

  has(address: string): boolean {
    const ip = parseIp(address);
    if (ip?.family !== this.family) return false;
    const offset = numberOf(ip) - this.#first;
    return offset >= 0n && offset < this.#count;
  }

  /** The first and the last of a larger range are the network's own. */
  *addresses(): Iterable<string> {
    const edge = this.#count >= 4n ? 1n : 0n;
    const end = this.#count < addressesMax ? this.#count : addressesMax;
    for (let offset = edge; offset < end - edge; offset++) yield this.#textOf(this.#first + offset);
  }

  #textOf(number: bigint): string {
    const length = this.family === 4 ? 4 : 16;
    const bytes = Array.from({ length }, (_, i) => Number((number >> BigInt((length - 1 - i) * 8)) & 0xffn));
    return formatIp({ family: this.family, bytes });
  }
}

function numberOf({ bytes }: IpAddress): bigint {
  return bytes.reduce((number, byte) => (number << 8n) | BigInt(byte), 0n);
}
