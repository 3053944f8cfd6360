/**
 * The serving certificate of the webhooks, which all replicas share: the first that starts makes it and keeps it in a
 * Secret. It is self-signed, so it is also the `caBundle` that the API server is given.
 */

import 'reflect-metadata';
import { isIP } from 'node:net';
import { PemConverter, SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509';
import { type ClusterClient, ifFound, isStatus } from '../cluster-client.ts';

export interface ServingCertificate {
  /** PEM. */
  readonly cert: string;
  /** PEM. */
  readonly key: string;
}

const lifeMs = 10 * 365 * 24 * 3_600_000;
/** Clocks of two machines differ a little. */
const backdateMs = 300_000;
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** The certificate in the Secret `name`; makes both where there is none. */
export async function sharedCertificate(
  { core }: Pick<ClusterClient, 'core'>,
  secret: { readonly namespace: string; readonly name: string },
  serverNames: readonly string[],
  nowMs: number,
): Promise<ServingCertificate> {
  const read = async () => (await ifFound(core.readNamespacedSecret(secret)))?.data;
  const kept = await read();
  if (kept) return decoded(kept);
  const { cert, key } = await makeCertificate(serverNames, nowMs);
  const body = {
    metadata: secret,
    type: 'kubernetes.io/tls',
    stringData: { 'tls.crt': cert, 'tls.key': key },
  };
  try {
    await core.createNamespacedSecret({ namespace: secret.namespace, body });
    return { cert, key };
  } catch (error) {
    // Another replica was quicker: its certificate counts.
    if (!isStatus(error, 409)) throw error;
    return decoded((await read()) ?? {});
  }
}

function decoded(data: Record<string, string>): ServingCertificate {
  const text = (name: string) => Buffer.from(data[name] ?? '', 'base64').toString();
  return { cert: text('tls.crt'), key: text('tls.key') };
}

async function makeCertificate(serverNames: readonly string[], nowMs: number): Promise<ServingCertificate> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=website-operator',
    notBefore: new Date(nowMs - backdateMs),
    notAfter: new Date(nowMs + lifeMs),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new SubjectAlternativeNameExtension(
        serverNames.map((value) => ({ type: isIP(value) ? 'ip' : 'dns', value })),
      ),
    ],
  });
  const pkcs8 = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { cert: certificate.toString('pem'), key: PemConverter.encode(pkcs8, 'PRIVATE KEY') };
}
