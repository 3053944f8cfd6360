/** Only who may `approve` for the signer approves or denies its requests. Upstream: CertificateApproval. */

import type { CertificateSigningRequest } from '#api/generated/types.gen.ts';
import { forbidden } from '#api/meta/status.ts';
import { type AdmissionPlugin, defineAdmission } from '../../contract/admission.ts';
import type { Authorizer } from '../../contract/authorization.ts';
import { mayActForSigner } from './permission.ts';

export function certificateApproval(authorizer: Authorizer): AdmissionPlugin {
  return defineAdmission({
    name: 'CertificateApproval',
    rules: [
      {
        operations: ['UPDATE'],
        apiGroups: ['certificates.k8s.io'],
        resources: ['certificatesigningrequests/approval'],
      },
    ],
    async validate({ oldObject, user, type, name }) {
      const { signerName } = (oldObject as unknown as CertificateSigningRequest).spec;
      if (await mayActForSigner(authorizer, user, 'approve', signerName)) return;
      const why = `user not permitted to approve requests with signerName "${signerName}"`;
      throw forbidden(type, name, why);
    },
  });
}
