/** A key, a signing request for a name, and a certificate for the same key, all as PEM. */

import 'reflect-metadata';
import { KeyObject } from 'node:crypto';
import { Pkcs10CertificateRequestGenerator, X509CertificateGenerator } from '@peculiar/x509';

export async function requestAndCertificate(
  commonName: string,
): Promise<{ request: string; certificate: string; key: string }> {
  const signingAlgorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await crypto.subtle.generateKey(signingAlgorithm, true, ['sign', 'verify']);
  const subject = { name: `CN=${commonName}`, keys, signingAlgorithm };
  const request = await Pkcs10CertificateRequestGenerator.create(subject);
  const certificate = await X509CertificateGenerator.createSelfSigned(subject);
  const key = KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString();
  return { request: request.toString('pem'), certificate: certificate.toString('pem'), key };
}
