/** The API server's arguments of its HTTPS port and of what it stores. */

import { formatCidr, parseCidr } from '#base/net/cidr.ts';
import { type Argument, choice, durationMs, file, names } from '../argument.ts';
import { cipherSuites } from './cipher-suites.ts';

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

export const servingArguments = {
  'client-ca-file': file(
    'Further authorities of client certificates, PEM. The authority of the cluster itself is always trusted.',
  ),
  'event-ttl': durationMs('How long events are kept after they were last written. Default 1h.'),
  'service-cluster-ip-range': ipv4Range(
    'The range of service addresses, IPv4; a cluster keeps that of its first start. Default 10.96.0.0/16, or the next free one.',
  ),
  'service-node-port-range': portRange('The range of node ports. Default 30000-32767.'),
  'tls-cipher-suites': names(
    'Cipher suites of TLS 1.2, by the names of the IANA. Default: those that are safe.',
    'cipher suite',
    Object.keys(cipherSuites),
  ),
  'tls-min-version': choice('The lowest version of TLS. Default VersionTLS12.', [
    'VersionTLS12',
    'VersionTLS13',
  ]),
};

/** Upstream's largest range; the smallest one that has the address of the cluster's DNS, the tenth. */
const rangeBits = { min: 12, max: 28 };

function ipv4Range(description: string): Argument<string> {
  return {
    description,
    schema: { type: 'string' },
    expects: 'an IPv4 range from /12 to /28 such as 10.96.0.0/16',
    read(value) {
      if (typeof value !== 'string') return undefined;
      try {
        const range = parseCidr(value);
        return range.bits >= rangeBits.min && range.bits <= rangeBits.max ? formatCidr(range) : undefined;
      } catch {
        return undefined;
      }
    },
  };
}

const portMax = 65_535;

/** `30000-32767`, both included, or `30000+1000`, as Go's `PortRange`. */
function portRange(description: string): Argument<PortRange> {
  return {
    description,
    schema: { type: 'string' },
    expects: 'a range of ports such as 30000-32767',
    read(value) {
      const match = typeof value === 'string' ? /^\s*(\d+)\s*([-+])\s*(\d+)\s*$/.exec(value) : null;
      if (!match) return undefined;
      const first = Number(match[1]);
      const last = match[2] === '-' ? Number(match[3]) : Math.min(first + Number(match[3]), portMax);
      return first > 0 && first <= last && last <= portMax ? { first, last } : undefined;
    },
  };
}
