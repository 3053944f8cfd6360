/** Parses IP addresses and CIDR ranges as the API does (leading zeros allowed, no zones). */

export interface IpAddress {
  readonly family: 4 | 6;
  /** 4 or 16 bytes. */
  readonly bytes: readonly number[];
}

/** An address with its prefix length; host bits are kept. */
export interface IpRange {
  readonly ip: IpAddress;
  readonly prefixBits: number;
}

/** Undefined for an invalid address. */
export function parseIp(text: string): IpAddress | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

/** Undefined for an invalid range. */
export function parseCidr(text: string): IpRange | undefined {
  const match = /^([^/]+)\/(\d{1,3})$/.exec(text);
  const ip = match && parseIp(match[1]!);
  if (!ip) return undefined;
  const prefixBits = Number(match[2]);
  return prefixBits <= ip.bytes.length * 8 ? { ip, prefixBits } : undefined;
}

function parseIpv4(text: string): IpAddress | undefined {
  const bytes: number[] = [];
  let byte = -1;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit >= 0 && digit <= 9) {
      byte = Math.max(byte, 0) * 10 + digit;
      if (byte > 255) return undefined;
    } else {
      if (byte < 0 || text[i] !== '.') return undefined;
      bytes.push(byte);
      byte = -1;
    }
  }
  bytes.push(byte);
  return byte >= 0 && bytes.length === 4 ? { family: 4, bytes } : undefined;
}

function parseIpv6(text: string): IpAddress | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map(groupBytes);
  if (!head || (halves.length === 2 && !tail)) return undefined;
  if (halves.length === 1) return head.length === 16 ? { family: 6, bytes: head } : undefined;
  const missing = 16 - head.length - tail!.length;
  if (missing < 2) return undefined;
  return { family: 6, bytes: [...head, ...new Array<number>(missing).fill(0), ...tail!] };
}

/** Bytes of `a:b:c` or `a:b:1.2.3.4`; undefined for anything else. */
function groupBytes(text: string): number[] | undefined {
  if (text === '') return [];
  const groups = text.split(':');
  const bytes: number[] = [];
  for (const [i, group] of groups.entries()) {
    const dotted = i === groups.length - 1 && group.includes('.') ? parseIpv4(group) : undefined;
    if (dotted) {
      bytes.push(...dotted.bytes);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(group)) {
      bytes.push(Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255);
    } else {
      return undefined;
    }
  }
  return bytes;
}

/** `::ffff:1.2.3.4`. */
export function isMappedIpv4({ family, bytes }: IpAddress): boolean {
  return (
    family === 6 && bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255
  );
}

/** Whether the range has host bits set. */
export function hasBitsBeyond({ ip, prefixBits }: IpRange): boolean {
  return ip.bytes.some((byte, i) => {
    const ownBits = Math.min(Math.max(prefixBits - i * 8, 0), 8);
    return (byte & (0xff >> ownBits)) !== 0;
  });
}

export function formatIp(ip: IpAddress): string {
  return ip.family === 4 ? ip.bytes.join('.') : formatIpv6(ip);
}

/** An IPv6 address as RFC 5952 writes it: short groups, the longest run of zeros as `::`. */
export function formatIpv6({ bytes }: IpAddress): string {
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[i * 2]! << 8) | bytes[i * 2 + 1]!).toString(16));
  const text = groups.join(':');
  const runs = [...text.matchAll(/(?:^|:)0(?::0)+(?=:|$)/g)];
  const longest = runs.sort((a, b) => zerosIn(b[0]) - zerosIn(a[0]) || a.index - b.index)[0];
  if (!longest) return text;
  const before = text.slice(0, longest.index);
  const after = text.slice(longest.index + longest[0].length);
  return `${before}::${after.replace(/^:/, '')}`;
}

function zerosIn(run: string): number {
  return run.split('0').length - 1;
}

export const isUnspecified = (ip: IpAddress) => ip.bytes.every((byte) => byte === 0);

export function isLoopback(ip: IpAddress): boolean {
  if (ip.family === 4) return ip.bytes[0] === 127;
  return ip.bytes.slice(0, 15).every((byte) => byte === 0) && ip.bytes[15] === 1;
}

export function isLinkLocalUnicast(ip: IpAddress): boolean {
  if (ip.family === 4) return ip.bytes[0] === 169 && ip.bytes[1] === 254;
  return ip.bytes[0] === 0xfe && (ip.bytes[1]! & 0xc0) === 0x80;
}

export function isLinkLocalMulticast(ip: IpAddress): boolean {
  if (ip.family === 4) return ip.bytes[0] === 224 && ip.bytes[1] === 0 && ip.bytes[2] === 0;
  return ip.bytes[0] === 0xff && (ip.bytes[1]! & 0x0f) === 0x02;
}
