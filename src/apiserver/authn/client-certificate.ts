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
  /** For each authority that has signed it: when both are valid. */
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
    authenticate(_request, { clientCertificate }) {
      const user = clientCertificate && holderOf(clientCertificate);
      // As upstream: a certificate without a common name identifies no user.
      return user?.name === '' ? undefined : user;
    },
  };
}

/**
 * Returns a function that reads the holder of a client certificate. It throws a 401 for a certificate that no
 * authority has signed for clients, and for an expired one.
 */
export function certificateHolders<T>(
  options: CertificateOptions,
  read: (certificate: X509Certificate) => T,
): (der: Uint8Array) => T {
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

  function lookUp(der: Uint8Array): KnownCertificate<T> {
    const bytes = asBuffer(der).toString('latin1');
    const found = known.get(bytes);
    if (found) return found;
    const certificate = examine(der);
    if (known.size >= knownMax) known.clear();
    known.set(bytes, certificate);
    return certificate;
  }

  function examine(der: Uint8Array): KnownCertificate<T> {
    const certificate = new X509Certificate(der);
    // Authorities before and after a rotation may have the same subject, or the same key.
    const issuers = authorities.filter(
      (authority) => certificate.checkIssued(authority) && certificate.verify(authority.publicKey),
    );
    if (issuers.length === 0) throw unauthorized();
    const usages = certificate.keyUsage as readonly string[] | undefined;
    if (usages && !usages.includes(clientAuthUsage) && !usages.includes(anyUsage)) throw unauthorized();
    return { holder: read(certificate), periods: issuers.map((issuer) => commonPeriod(certificate, issuer)) };
  }

  return (der) => {
    if (options.caPem !== trustedPem) trust(options.caPem);
    let certificate = ofConnection.get(der);
    if (!certificate) {
      certificate = lookUp(der);
      ofConnection.set(der, certificate);
    }
    const nowMs = clock.now();
    const isValid = certificate.periods.some(({ fromMs, toMs }) => nowMs >= fromMs && nowMs <= toMs);
    if (!isValid) throw unauthorized();
    return certificate.holder;
  };
}

function commonPeriod(a: X509Certificate, b: X509Certificate): Period {
  return {
    fromMs: Math.max(a.validFromDate.getTime(), b.validFromDate.getTime()),
    toMs: Math.min(a.validToDate.getTime(), b.validToDate.getTime()),
  };
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
