/** CertificateSigningRequest: its creator is written into it by the server, its status by signers. */

import type { CertificateSigningRequest } from '../../generated/types.gen.ts';
import { type FieldError, invalidValue, notSupported, required } from '../../validation/field-error.ts';
import { emptyStatus } from '../shared/status-handling.ts';
import type { Strategy } from '../shared/strategy.ts';
import { prepareSigned, validateApproval, validateSigned } from './status.ts';

export const certificateSigningRequest: Strategy<CertificateSigningRequest> = {
  hasGeneration: false,
  prepareForCreate: emptyStatus,
  validate: validateRequest,
  validateUpdate: () => [],
  validateStatusUpdate: (request, old) => validateSigned(request, old),
  validateSubresourceUpdate: (subresource, request, old) =>
    subresource === 'approval' ? validateApproval(request, old) : undefined,
  prepareForStatusUpdate: prepareSigned,
  /** A request never changes once it is made. */
  prepareForUpdate(request, old) {
    request.spec = structuredClone(old.spec);
    request.status = structuredClone(old.status ?? {});
  },
  selectableFields(request) {
    return { 'spec.signerName': request.spec?.signerName ?? '' };
  },
};

const usages = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
];
const expirationMinSeconds = 600;

function validateRequest({ spec }: CertificateSigningRequest): FieldError[] {
  const errors: FieldError[] = [];
  const pem = Buffer.from(spec?.request ?? '', 'base64').toString('latin1');
  if (!pem.includes('-----BEGIN CERTIFICATE REQUEST-----')) {
    const text = 'PEM block type must be CERTIFICATE REQUEST';
    errors.push(invalidValue('spec.request', spec?.request ?? '', text));
  }
  if (!spec?.usages?.length) errors.push(required('spec.usages'));
  for (const [i, usage] of (spec?.usages ?? []).entries()) {
    if (!usages.includes(usage)) errors.push(notSupported(`spec.usages[${i}]`, usage, usages));
  }
  const signer = spec?.signerName ?? '';
  if (!signer) errors.push(required('spec.signerName'));
  else if (!/^[a-z0-9.-]+\.[a-z0-9-]+\/.+$/.test(signer)) {
    const text = 'must be a fully qualified domain and path of the form "example.com/signer-name"';
    errors.push(invalidValue('spec.signerName', signer, text));
  }
  const seconds = spec?.expirationSeconds;
  if (seconds !== undefined && seconds < expirationMinSeconds) {
    const text = `may not specify a duration less than ${expirationMinSeconds} seconds (10 minutes)`;
    errors.push(invalidValue('spec.expirationSeconds', seconds, text));
  }
  return errors;
}
