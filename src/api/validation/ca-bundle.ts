/** The certificates by which the server of a webhook is verified, read as Go reads them. */

import { X509Certificate } from 'node:crypto';
import { type FieldError, invalidValue } from './field-error.ts';

const block = /-----BEGIN ([^-]+)-----\s[\s\S]*?-----END \1-----/g;

/** `caBundle` in base64. */
export function validateCaBundle(caBundle: string, field: string): FieldError[] {
  const problem = caBundleProblem(caBundle);
  return problem === undefined ? [] : [invalidValue(field, caBundle, problem)];
}

/** Undefined when it is empty, or has a certificate that can be read: Go passes over the others. */
export function caBundleProblem(caBundle: string): string | undefined {
  if (caBundle === '') return undefined;
  const blocks = [...Buffer.from(caBundle, 'base64').toString('latin1').matchAll(block)];
  const certificates = blocks.filter(([, type]) => type === 'CERTIFICATE');
  if (certificates.some(([pem]) => canBeRead(pem))) return undefined;
  return `unable to load root certificates: ${reasonOf(blocks.length, certificates.length)}`;
}

function reasonOf(blocks: number, certificates: number): string {
  if (certificates > 0) return 'failed to parse certificate: x509: malformed certificate';
  return blocks > 0 ? 'no valid certificate authority data seen' : 'unable to parse bytes as PEM block';
}

function canBeRead(pem: string): boolean {
  try {
    new X509Certificate(pem);
    return true;
  } catch {
    return false;
  }
}
