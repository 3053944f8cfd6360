/** Only who may `sign` for the signer sets a certificate or a condition. Upstream: CertificateSigning. */

import { isDeepStrictEqual } from 'node:util';
import type { CertificateSigningRequest } from '#api/generated/types.gen.ts';
import { forbidden } from '#api/meta/status.ts';
import { type AdmissionPlugin, defineAdmission } from '../../contract/admission.ts';
import type { Authorizer } from '../../contract/authorization.ts';
import { mayActForSigner } from './permission.ts';

export function certificateSigning(authorizer: Authorizer): AdmissionPlugin {
  return defineAdmission({
    name: 'CertificateSigning',
    rules: [
      {
        operations: ['UPDATE'],
        apiGroups: ['certificates.k8s.io'],
        resources: ['certificatesigningrequests/status'],
      },
    ],
    async validate({ object, oldObject, user, type, name }) {
      const before = oldObject as unknown as CertificateSigningRequest;
      const after = object as unknown as CertificateSigningRequest;
      const same =
        before.status?.certificate === after.status?.certificate &&
        isDeepStrictEqual(before.status?.conditions, after.status?.conditions);
      if (same) return;
      const { signerName } = before.spec;
      if (await mayActForSigner(authorizer, user, 'sign', signerName)) return;
      throw forbidden(type, name, `user not permitted to sign requests with signerName "${signerName}"`);
    },
  });
}
