/**
 * The addresses that a request came by: those its headers name, which a caller can set as he likes, and, last,
 * that of the connection.
 */

import { formatIp, isMappedIpv4, parseIp } from '#api/values/ip.ts';
import type { Exchange } from '../../request/exchange.ts';

/** Of callers inside this process. */
const here = '::1';

export function sourceAddresses({ request: { headers }, peer, trusted }: Exchange): string[] {
  const addresses = (headers['x-forwarded-for'] ?? '').split(',').flatMap(addressIn);
  for (const real of addressIn(headers['x-real-ip'] ?? '')) {
    if (!addresses.includes(real)) addresses.push(real);
  }
  const [own] = addressIn(peer.remoteAddress ?? (trusted ? here : ''));
  if (own !== undefined && addresses.at(-1) !== own) addresses.push(own);
  return addresses;
}

/** An IPv4 address that is written as one of IPv6 is one of IPv4. */
function addressIn(text: string): string[] {
  const address = parseIp(text.trim());
  if (!address) return [];
  const bytes = isMappedIpv4(address) ? address.bytes.slice(-4) : undefined;
  return [formatIp(bytes ? { family: 4, bytes } : address)];
}
