/** Reads certificate signing requests (PKCS #10): subject, names and key. */

import 'reflect-metadata';
import { Pkcs10CertificateRequest, SubjectAlternativeNameExtension } from '@peculiar/x509';

const alternativeNames = '2.5.29.17';

export interface SigningRequest {
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly emailAddresses: readonly string[];
  readonly uris: readonly string[];
  /** DER of the name. */
  readonly subject: Uint8Array;
  /** SubjectPublicKeyInfo. */
  readonly publicKeyInfo: Uint8Array;
}

/**
 * Throws when the document is not a signing request or its signature does not prove possession of the key.
 */
export async function parseSigningRequest(requestPem: string): Promise<SigningRequest> {
  const request = new Pkcs10CertificateRequest(requestPem);
  if (!(await request.verify())) throw new Error('the signature of the signing request is not valid');
  const extension = request.getExtension(alternativeNames);
  const names = extension ? new SubjectAlternativeNameExtension(extension.rawData).names.items : [];
  const ofType = (type: string) => names.filter((name) => name.type === type).map((name) => name.value);
  return {
    // As Go fills in a subject: the last of several common names.
    commonName: request.subjectName.getField('CN').at(-1) ?? '',
    organizations: request.subjectName.getField('O'),
    dnsNames: ofType('dns'),
    ipAddresses: ofType('ip'),
    emailAddresses: ofType('email'),
    uris: ofType('url'),
    subject: new Uint8Array(request.subjectName.toArrayBuffer()),
    publicKeyInfo: new Uint8Array(request.publicKey.rawData),
  };
}

export function organizationsOfRequest(requestPem: string): string[] {
  return new Pkcs10CertificateRequest(requestPem).subjectName.getField('O');
}

export function commonNameOfRequest(requestPem: string): string {
  return new Pkcs10CertificateRequest(requestPem).subjectName.getField('CN').at(-1) ?? '';
}
