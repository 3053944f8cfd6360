/**
 * Authenticates by the client certificate of the connection: the last CN is the user name, every O a group.
 *
 * Chain, validity period and extended key usage are checked again although TLS has done so: the certificate may have
 * expired since the connection was opened.
 */

import { X509Certificate } from 'node:crypto';
import { unauthorized } from '#api/meta/status.ts';
import { groupAuthenticated, type UserInfo } from '#api/meta/user.ts';
import type { Clock } from '#base/clock.ts';
import { asBuffer } from '#base/text/as-buffer.ts';
import type { Authenticator } from '../contract/authentication.ts';

const clientAuthUsage = '1.3.6.1.5.5.7.3.2';
const anyUsage = '2.5.29.37.0';
/** Verified certificates in the cache of all connections; it is cleared when full. */
const knownMax = 1000;
/** Kubernetes' own attribute for the user's UID. */
const uidAttribute = '1.3.6.1.4.1.57683.2';

interface KnownCertificate<T> {
  readonly holder: T;
  /** For each way to an authority: when all certificates of it are valid. */
  readonly periods: readonly Period[];
}

interface Period {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface CertificateOptions {
  /** One or more authorities, asked for with each request: they may change. */
  readonly caPem: string;
  readonly clock: Clock;
}

export function clientCertificateAuthenticator(options: CertificateOptions): Authenticator {
  const holderOf = certificateHolders(options, userOf);
  return {
    name: 'client-certificate',
    authenticate(_request, { clientCertificate, clientChain }) {
      const user = clientCertificate && holderOf(clientCertificate, clientChain);
      // As upstream: a certificate without a common name identifies no user.
      return user?.name === '' ? undefined : user;
    },
  };
}

/**
 * Returns a function that reads the holder of a client certificate. It throws a 401 for a certificate that no
 * authority has signed for clients, itself or by the intermediate authorities of `chain`, and for an expired one.
 */
export function certificateHolders<T>(
  options: CertificateOptions,
  read: (certificate: X509Certificate) => T,
): (der: Uint8Array, chain?: readonly Uint8Array[]) => T {
  const { clock } = options;
  let trustedPem = options.caPem;
  let authorities = authoritiesIn(trustedPem);
  // Every request of a connection passes the same bytes object, which is the key here.
  let ofConnection = new WeakMap<Uint8Array, KnownCertificate<T>>();
  // By its bytes: a burst of connections with one certificate, as a controller's, costs one signature check.
  const known = new Map<string, KnownCertificate<T>>();

  function trust(caPem: string): void {
    trustedPem = caPem;
    authorities = authoritiesIn(caPem);
    ofConnection = new WeakMap();
    known.clear();
  }

  function lookUp(der: Uint8Array, chain: readonly Uint8Array[]): KnownCertificate<T> {
    const bytes = asBuffer(der).toString('latin1');
    const found = known.get(bytes);
    if (found) return found;
    const certificate = examine(new X509Certificate(der), chain);
    if (known.size >= knownMax) known.clear();
    known.set(bytes, certificate);
    return certificate;
  }

  function examine(certificate: X509Certificate, chain: readonly Uint8Array[]): KnownCertificate<T> {
    const intermediates = chain.map((der) => new X509Certificate(der)).filter((authority) => authority.ca);
    const periods = periodsOf(certificate, authorities, new Set(intermediates));
    if (periods.length === 0) throw unauthorized();
    return { holder: read(certificate), periods };
  }

  return (der, chain = []) => {
    if (options.caPem !== trustedPem) trust(options.caPem);
    let certificate = ofConnection.get(der);
    if (!certificate) {
      certificate = lookUp(der, chain);
      ofConnection.set(der, certificate);
    }
    const nowMs = clock.now();
    const isValid = certificate.periods.some(({ fromMs, toMs }) => nowMs >= fromMs && nowMs <= toMs);
    if (!isValid) throw unauthorized();
    return certificate.holder;
  };
}

/**
 * When the certificate is valid: a period for each way from it to an authority. An intermediate is looked at once, as a
 * client may send many that lead to each other.
 */
function periodsOf(
  certificate: X509Certificate,
  authorities: readonly X509Certificate[],
  intermediates: Set<X509Certificate>,
): readonly Period[] {
  if (!isForClients(certificate)) return [];
  const own = periodOf(certificate);
  const isIssuer = (authority: X509Certificate) =>
    certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
  // Authorities before and after a rotation may have the same subject, or the same key.
  const direct = authorities.filter(isIssuer).map(periodOf);
  const others = direct.length > 0 ? [] : [...intermediates].filter(isIssuer);
  for (const authority of others) intermediates.delete(authority);
  const through = others.flatMap((authority) => periodsOf(authority, authorities, intermediates));
  return [...direct, ...through].map(({ fromMs, toMs }) => ({
    fromMs: Math.max(own.fromMs, fromMs),
    toMs: Math.min(own.toMs, toMs),
  }));
}

/** The usages of an intermediate authority hold for the certificates that it issues, too. */
function isForClients(certificate: X509Certificate): boolean {
  const usages = certificate.keyUsage as readonly string[] | undefined;
  return !usages || usages.includes(clientAuthUsage) || usages.includes(anyUsage);
}

function periodOf(certificate: X509Certificate): Period {
  return { fromMs: certificate.validFromDate.getTime(), toMs: certificate.validToDate.getTime() };
}

/** As Go reads a subject: the last of several common names. */
export function commonNameOf(certificate: X509Certificate): string {
  return subjectOf(certificate)('CN').at(-1) ?? '';
}

function subjectOf(certificate: X509Certificate): (key: string) => string[] {
  const subject = certificate.toLegacyObject().subject as unknown as Record<string, string | string[]>;
  return (key) => [subject[key] ?? []].flat();
}

function userOf(certificate: X509Certificate): UserInfo {
  const values = subjectOf(certificate);
  const [uid, ...more] = values(uidAttribute);
  if (uid === '' || more.length > 0) throw unauthorized();
  const fingerprint = certificate.fingerprint256.replaceAll(':', '').toLowerCase();
  return {
    name: commonNameOf(certificate),
    ...(uid === undefined ? {} : { uid }),
    groups: [...values('O'), groupAuthenticated],
    extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${fingerprint}`] },
  };
}

function authoritiesIn(caPem: string): readonly X509Certificate[] {
  return certificatesIn(caPem).map((text) => new X509Certificate(text));
}

export function certificatesIn(text: string): string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}
