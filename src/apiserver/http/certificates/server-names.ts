/** Which of several certificates a client gets, by the name that it asks for (SNI). */

import { X509Certificate } from 'node:crypto';
import { dns1123Subdomain } from '#api/validation/validators.ts';
import type { CertificateAndKey } from './key-pair-files.ts';

export interface NamedCertificate extends CertificateAndKey {
  /** Empty: those of the certificate. */
  readonly names: readonly string[];
}

/**
 * Returns what a name gets; undefined for the default certificate. As upstream: names that were set go before those in
 * certificates, a whole name before a wildcard, and the earlier certificate before the later one.
 */
export function byServerName<T>(
  certificates: readonly NamedCertificate[],
  make: (certificate: CertificateAndKey) => T,
): (name: string) => T | undefined {
  const made = new Map<string, T>();
  const served = certificates.map((certificate) => ({ certificate, value: make(certificate) })).reverse();
  for (const { certificate, value } of served) {
    if (certificate.names.length === 0) {
      for (const name of namesIn(certificate.cert)) made.set(name.toLowerCase(), value);
    }
  }
  for (const { certificate, value } of served) {
    for (const name of certificate.names) made.set(name.toLowerCase(), value);
  }
  return (name) => {
    const asked = name.toLowerCase().replace(/\.$/, '');
    return made.get(asked) ?? made.get(asked.replace(/^[^.]*/, '*'));
  };
}

/** The DNS names of a certificate: the common name too, where it is a DNS name. */
function namesIn(pem: string): string[] {
  const { subjectAltName = '', subject } = new X509Certificate(pem);
  const commonName = /^CN=(.*)$/m.exec(subject ?? '')?.[1] ?? '';
  const isName = commonName === '*' || dns1123Subdomain(commonName.replace(/^\*\./, '')).length === 0;
  const alternatives = dnsNamesIn(subjectAltName ?? '');
  return isName && !/^[\d.]+$/.test(commonName) ? [commonName, ...alternatives] : alternatives;
}

/** A name with a comma in it is quoted. */
const alternative = /([^:]+):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/g;

/** The DNS names among alternative names in Node's notation, where a URI may hold what looks like a further name. */
export function dnsNamesIn(alternatives: string): string[] {
  return [...alternatives.matchAll(alternative)].flatMap(([, type, name]) => (type === 'DNS' ? [name!] : []));
}
