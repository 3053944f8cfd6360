/** Certificate signing requests for tests. */

import 'reflect-metadata';
import { Pkcs10CertificateRequestGenerator, SubjectAlternativeNameExtension } from '@peculiar/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

type Name = ConstructorParameters<typeof SubjectAlternativeNameExtension>[0];

/** PEM; `name` as `CN=jane, O=dev`. */
export async function signingRequestPem(name: string, names?: Name): Promise<string> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const request = await Pkcs10CertificateRequestGenerator.create({
    name,
    keys,
    signingAlgorithm: algorithm,
    ...(names ? { extensions: [new SubjectAlternativeNameExtension(names)] } : {}),
  });
  return request.toString('pem');
}

export function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
