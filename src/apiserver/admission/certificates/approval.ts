/** Only who may `approve` for the signer approves or denies its requests. Upstream: CertificateApproval. */

import type { CertificateSigningRequest } from '#api/generated/types.gen.ts';
import { forbidden } from '#api/meta/status.ts';
import type { AdmissionPlugin, Authorizer } from '../../contract/contract.ts';
import { mayActForSigner } from './permission.ts';

export function certificateApproval(authorizer: Authorizer): AdmissionPlugin {
  return {
    name: 'CertificateApproval',
    resources: ['certificatesigningrequests.certificates.k8s.io'],
    async validate({ operation, subresource, oldObject, user, type, name }) {
      if (operation !== 'UPDATE' || subresource !== 'approval') return;
      const { signerName } = (oldObject as unknown as CertificateSigningRequest).spec;
      if (await mayActForSigner(authorizer, user, 'approve', signerName)) return;
      const why = `user not permitted to approve requests with signerName "${signerName}"`;
      throw forbidden(type, name, why);
    },
  };
}
