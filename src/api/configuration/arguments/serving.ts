/** The API server's arguments of its HTTPS port and of what it stores. */

import { formatAddressRange, parseAddressRange } from '../../values/address-range.ts';
import {
  type Argument,
  choice,
  durationMs,
  file,
  list,
  names,
  text,
  toggle,
  wholeNumber,
} from '../argument.ts';
import { cipherSuites } from './cipher-suites.ts';
import { curvesArgument } from './curves.ts';
import { namedKeyPairs } from './named-key-pairs.ts';

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

export const servingArguments = {
  'client-ca-file': file(
    'Further authorities of client certificates, PEM. Read again when it changes. The authority of the cluster itself is always trusted.',
  ),
  'disabled-metrics': list('Metrics, by their whole names, that /metrics does not show.'),
  'disable-http2-serving': toggle('Whether clients get HTTP/1.1 only. Default false.'),
  'endpoint-reconciler-type': choice(
    'Whether the Service kubernetes gets the address of this server as its endpoint: lease, or none. Default lease.',
    ['lease', 'none'],
  ),
  'event-ttl': durationMs('How long events are kept after they were last written. Default 1h.'),
  'external-hostname': text(
    'The host, with or without a port, at which the discovery document of ServiceAccount tokens has the keys. Default: this API server, as pods reach it.',
  ),
  'http2-max-streams-per-connection': wholeNumber(
    'Requests of a client at the same time on one HTTP/2 connection. Default 1000, also for 0.',
    { min: 0, max: 1_000_000 },
  ),
  'kubelet-preferred-address-types': names(
    'Which of the addresses of a node its kubelet is reached at, in this order: Hostname, InternalDNS, InternalIP, ExternalDNS, ExternalIP. Default: addresses before names.',
    'type of address',
    ['Hostname', 'InternalDNS', 'InternalIP', 'ExternalDNS', 'ExternalIP'],
  ),
  'kubernetes-service-node-port': wholeNumber(
    'The node port of the Service kubernetes; 0 for none. Default 0.',
    { min: 0, max: 65_535 },
  ),
  'permit-port-sharing': toggle(
    'Whether another process may listen on the same port (SO_REUSEPORT). Default false.',
  ),
  'proxy-client-cert-file': file(
    'The certificate, PEM, by which extension API servers know this one. Read again when it changes. Default: of the authority of front proxies.',
  ),
  'proxy-client-key-file': file('Its private key, PEM.'),
  'service-cluster-ip-range': serviceRanges(
    'The range of service addresses, IPv4, and with a comma one of IPv6: services may then have addresses of both families, and pods have. A cluster keeps that of its first start. Default 10.96.0.0/16, or the next free one.',
  ),
  'service-node-port-range': portRange('The range of node ports. Default 30000-32767.'),
  'tls-cert-file': file(
    'The serving certificate, PEM, before those of its authorities. Read again when it changes. It must have the names and addresses by which nodes, pods and users reach the API server. Default: issued by the cluster.',
  ),
  'tls-cipher-suites': names(
    'Cipher suites of TLS 1.2, by the names of the IANA. Default: those that are safe.',
    'cipher suite',
    Object.keys(cipherSuites),
  ),
  'tls-min-version': choice('The lowest version of TLS. Default VersionTLS12.', [
    'VersionTLS12',
    'VersionTLS13',
  ]),
  'tls-curve-preferences': curvesArgument,
  'tls-private-key-file': file('The private key of tls-cert-file, PEM.'),
  'tls-sni-cert-key': namedKeyPairs(
    'Further serving certificates with their keys for clients that ask for these names; without names, for those in the certificate. Read again when they change.',
  ),
};

/** Upstream's largest ranges; the smallest ones that have the address of the cluster's DNS, the tenth. */
const rangeBits = { 4: { min: 12, max: 28 }, 6: { min: 108, max: 124 } } as const;

function serviceRanges(description: string): Argument<string> {
  return {
    description,
    schema: { type: 'string' },
    expects:
      'an IPv4 range from /12 to /28 such as 10.96.0.0/16, or one with an IPv6 range from /108 to /124',
    read(value) {
      if (typeof value !== 'string') return undefined;
      const [first, second, ...others] = value.split(',').map((text) => serviceRange(text.trim()));
      if (!first?.includes('.') || others.length > 0) return undefined;
      if (!value.includes(',')) return first;
      return second?.includes(':') ? `${first},${second}` : undefined;
    },
  };
}

function serviceRange(text: string): string | undefined {
  const range = parseAddressRange(text);
  if (!range) return undefined;
  const { min, max } = rangeBits[range.family];
  return range.prefixBits >= min && range.prefixBits <= max ? formatAddressRange(range) : undefined;
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
