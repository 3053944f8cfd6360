/** IPv4 addresses and ranges as numbers. */

export interface Cidr {
  /** First address, as an unsigned 32-bit number. */
  readonly base: number;
  /** Prefix length, 0–32. */
  readonly bits: number;
}

/** Throws unless the text is four decimal parts. */
export function parseIPv4(text: string): number {
  const parts = text.split('.');
  const bytes = parts.map((part) => (/^(0|[1-9]\d{0,2})$/.test(part) ? Number(part) : 256));
  if (parts.length !== 4 || bytes.some((byte) => byte > 255)) throw new Error(`not an IPv4 address: ${text}`);
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}

export function formatIPv4(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
}

/** `10.244.0.0/16`; host bits are cleared. A bare address is a /32. */
export function parseCidr(text: string): Cidr {
  const [address = '', bitsText] = text.split('/');
  const bits = bitsText === undefined ? 32 : Number(bitsText);
  if (!Number.isInteger(bits) || bits < 0 || bits > 32) throw new Error(`not an IPv4 range: ${text}`);
  return { base: mask(parseIPv4(address), bits), bits };
}

export function formatCidr(cidr: Cidr): string {
  return `${formatIPv4(cidr.base)}/${cidr.bits}`;
}

export function cidrSize(cidr: Cidr): number {
  return 2 ** (32 - cidr.bits);
}

export function contains(cidr: Cidr, address: number): boolean {
  return mask(address, cidr.bits) === cidr.base;
}

export function overlap(a: Cidr, b: Cidr): boolean {
  const bits = Math.min(a.bits, b.bits);
  return mask(a.base, bits) === mask(b.base, bits);
}

/** The address `offset` after the first: the gateway of a pod range has offset 1. */
export function addressAt(cidr: Cidr, offset: number): string {
  return formatIPv4(cidr.base + offset);
}

function mask(address: number, bits: number): number {
  return bits === 0 ? 0 : (address & (-1 << (32 - bits))) >>> 0;
}
