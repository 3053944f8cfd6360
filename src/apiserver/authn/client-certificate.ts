/**
 * Knows a user by the client certificate of the connection: the last CN is the name, every O a group.
 *
 * The chain, the validity period and the extended key usage are checked here again although TLS has done so:
 * the connection may have been opened before the certificate ran out.
 */

import { X509Certificate } from 'node:crypto';
import { unauthorized } from '#api/meta/status.ts';
import { groupAuthenticated, type UserInfo } from '#api/meta/user.ts';
import type { Clock } from '#base/clock.ts';
import { asBuffer } from '#base/text/as-buffer.ts';
import type { Authenticator } from '../contract/authentication.ts';

const clientAuthUsage = '1.3.6.1.5.5.7.3.2';
const anyUsage = '2.5.29.37.0';
/** Certificates that are known whichever connection shows them; a further one begins with none. */
const knownMax = 1000;
/** Kubernetes' own attribute for the user's UID. */
const uidAttribute = '1.3.6.1.4.1.57683.2';

interface KnownCertificate<T> {
  readonly holder: T;
  readonly validFromMs: number;
  readonly validToMs: number;
}

export interface CertificateOptions {
  /** May hold several authorities one after the other. */
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
 * Reads the holder of certificates that one of the authorities has signed for clients; throws a 401 for any other
 * and for one that is not valid now.
 */
export function certificateHolders<T>(
  { caPem, clock }: CertificateOptions,
  read: (certificate: X509Certificate) => T,
): (der: Uint8Array) => T {
  const authorities = splitPem(caPem).map((text) => new X509Certificate(text));
  // A connection hands over the same bytes with every request, so that the object itself is the key.
  const ofConnection = new WeakMap<Uint8Array, KnownCertificate<T>>();
  // By its bytes: a burst of connections with one certificate, as a controller's, costs one signature check.
  const known = new Map<string, KnownCertificate<T>>();

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
    const issuer = authorities.find((authority) => certificate.checkIssued(authority));
    if (!issuer || !certificate.verify(issuer.publicKey)) throw unauthorized();
    const usages = certificate.keyUsage as readonly string[] | undefined;
    if (usages && !usages.includes(clientAuthUsage) && !usages.includes(anyUsage)) throw unauthorized();
    return {
      holder: read(certificate),
      validFromMs: certificate.validFromDate.getTime(),
      validToMs: certificate.validToDate.getTime(),
    };
  }

  return (der) => {
    let certificate = ofConnection.get(der);
    if (!certificate) {
      certificate = lookUp(der);
      ofConnection.set(der, certificate);
    }
    const nowMs = clock.now();
    if (nowMs < certificate.validFromMs || nowMs > certificate.validToMs) throw unauthorized();
    return certificate.holder;
  };
}

/** As Go fills in a subject: of several common names, the last. */
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

function splitPem(text: string): string[] {
  return text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}
