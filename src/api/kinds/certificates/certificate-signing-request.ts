/** CertificateSigningRequest: the server records its creator, signers write its status. */

import { copyJson } from '#base/copy-json.ts';
import { certificateSigningRequests } from '../../generated/kinds.gen.ts';
import type { CertificateSigningRequest } from '../../generated/types.gen.ts';
import { ageOf, nameOf, none, orNone } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, column, nameColumn } from '../../kind/printer.ts';
import { emptyStatus } from '../../kind/status-handling.ts';
import type { UserInfo } from '../../meta/user.ts';
import {
  duplicate,
  type FieldError,
  invalidValue,
  notSupported,
  required,
} from '../../validation/field-error.ts';
import { repeats } from '../../validation/repeats.ts';
import { pathSegmentName } from '../../validation/validators.ts';
import { humanDuration } from '../../values/duration.ts';
import { prepareDecided, prepareSigned, validateApproval, validateSigned } from './status.ts';

export const certificateSigningRequest = defineKind(certificateSigningRequests, {
  hasGeneration: false,
  nameRule: pathSegmentName,
  prepareForCreate(request, _, user) {
    emptyStatus(request);
    request.spec = askedBy(request.spec, user);
  },
  resetFields: {
    '': ['spec', 'status'],
    status: ['spec', 'status.conditions'],
    approval: ['spec', 'status.certificate'],
  },
  validate: validateRequest,
  updateChecks: ['metadata', 'object', 'metadataChange', 'change'],
  validateUpdate: () => [],
  validateStatusUpdate: (request, old) => validateSigned(request, old),
  subresources: {
    approval: {
      prepareForUpdate: prepareDecided,
      validateUpdate: validateApproval,
    },
  },
  prepareForStatusUpdate: prepareSigned,
  /** The spec never changes. */
  prepareForUpdate(request, old) {
    request.spec = copyJson(old.spec);
    request.status = copyJson(old.status ?? {});
  },
  selectableFields(request) {
    return { 'spec.signerName': request.spec?.signerName ?? '' };
  },
  keepsSpec: true,
  printer: {
    columns: [
      nameColumn,
      ageColumn,
      column('SignerName'),
      column('Requestor'),
      column('RequestedDuration'),
      column('Condition'),
    ],
    cells: (request, now) => {
      const seconds = request.spec.expirationSeconds;
      return [
        nameOf(request),
        ageOf(request, now),
        orNone(request.spec.signerName),
        request.spec.username ?? '',
        seconds === undefined ? none : humanDuration(seconds * 1000),
        requestCondition(request),
      ];
    },
  },
});

type Spec = CertificateSigningRequest['spec'];

/** With the user who asks, in place of what the request says of that: approvers rely on it. */
function askedBy(spec: Spec | undefined, user: UserInfo): Spec {
  const { username: _, uid: __, groups: ___, extra: ____, ...asked } = spec ?? ({} as Spec);
  const { name, uid, groups, extra } = user;
  return {
    ...asked,
    ...(name ? { username: name } : {}),
    ...(uid ? { uid } : {}),
    ...(groups.length > 0 ? { groups: [...groups] } : {}),
    ...(extra && Object.keys(extra).length > 0
      ? { extra: Object.fromEntries(Object.entries(extra).map(([key, values]) => [key, [...values]])) }
      : {}),
  };
}

function requestCondition(request: CertificateSigningRequest): string {
  const has = (type: string) => request.status?.conditions?.some((condition) => condition.type === type);
  const words = [has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending'];
  if (has('Failed')) words.push('Failed');
  if (request.status?.certificate) words.push('Issued');
  return words.join(',');
}

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
    errors.push(invalidValue('spec.request', spec?.request, text));
  }
  if (!spec?.usages?.length) errors.push(required('spec.usages'));
  for (const [i, usage] of (spec?.usages ?? []).entries()) {
    if (!usages.includes(usage)) errors.push(notSupported(`spec.usages[${i}]`, usage, usages));
  }
  for (const [i, isRepeated] of repeats(spec?.usages ?? []).entries()) {
    if (isRepeated) errors.push(duplicate(`spec.usages[${i}]`, spec!.usages![i]));
  }
  const signer = spec?.signerName ?? '';
  if (!signer) errors.push(required('spec.signerName'));
  else if (!/^[a-z0-9.-]+\.[a-z0-9-]+\/.+$/.test(signer)) {
    const text = "must be a fully qualified domain and path of the form 'example.com/signer-name'";
    errors.push(invalidValue('spec.signerName', signer, text));
  }
  const seconds = spec?.expirationSeconds;
  if (seconds !== undefined && seconds < expirationMinSeconds) {
    const text = `may not specify a duration less than ${expirationMinSeconds} seconds (10 minutes)`;
    errors.push(invalidValue('spec.expirationSeconds', seconds, text));
  }
  return errors;
}
