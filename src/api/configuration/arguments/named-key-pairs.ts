/** The values of `tls-sni-cert-key`: `CERTIFICATE,KEY` or `CERTIFICATE,KEY:NAME,NAME`, one or a list of them. */

import { parseIp } from '../../values/ip.ts';
import type { Argument } from '../argument.ts';

export interface NamedKeyPairFiles {
  readonly certFile: string;
  readonly keyFile: string;
  /** Empty: those of the certificate. */
  readonly names: readonly string[];
}

export function namedKeyPairs(description: string): Argument<readonly NamedKeyPairFiles[]> {
  return {
    description,
    expects: 'CERTIFICATE,KEY or CERTIFICATE,KEY:NAME,NAME or a list of them',
    schema: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
    read(value) {
      const pairs = (Array.isArray(value) ? value : [value]).map(read);
      return pairs.every((pair) => pair !== undefined) ? pairs : undefined;
    },
    problem(pairs) {
      const address = pairs.flatMap(({ names }) => names).find((name) => parseIp(name));
      if (address === undefined) return undefined;
      const hint = 'clients ask for a certificate by DNS names only';
      return { message: `names the address ${address}`, hint };
    },
    files: {
      paths: (pairs) => pairs.flatMap(({ certFile, keyFile }) => [certFile, keyFile]),
      replaced: (pairs, replace) =>
        pairs.map(({ certFile, keyFile, names }) => {
          const files = `${replace(certFile)},${replace(keyFile)}`;
          return names.length > 0 ? `${files}:${names.join(',')}` : files;
        }),
    },
  };
}

function read(value: unknown): NamedKeyPairFiles | undefined {
  if (typeof value !== 'string') return undefined;
  const colon = value.indexOf(':');
  const [certFile = '', keyFile = '', ...more] = trimmed(colon < 0 ? value : value.slice(0, colon));
  const names = colon < 0 ? [] : trimmed(value.slice(colon + 1));
  if (certFile === '' || keyFile === '' || more.length > 0 || names.includes('')) return undefined;
  return { certFile, keyFile, names };
}

function trimmed(list: string): string[] {
  return list.split(',').map((item) => item.trim());
}
