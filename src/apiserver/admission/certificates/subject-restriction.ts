/**
 * No client certificate of the group `system:masters` is requested through the API. Upstream:
 * CertificateSubjectRestriction.
 */

import type { CertificateSigningRequest } from '#api/generated/types.gen.ts';
import { badRequest, forbidden } from '#api/meta/status.ts';
import { groupMasters } from '#api/meta/user.ts';
import { defineAdmission } from '../../contract/admission.ts';

const apiClientSigner = 'kubernetes.io/kube-apiserver-client';

export const certificateSubjectRestriction = defineAdmission({
  name: 'CertificateSubjectRestriction',
  rules: [
    { operations: ['CREATE'], apiGroups: ['certificates.k8s.io'], resources: ['certificatesigningrequests'] },
  ],
  async validate({ object, type, name }) {
    const { signerName, request } = (object as unknown as CertificateSigningRequest).spec;
    if (signerName !== apiClientSigner) return;
    if (!(await organizationsOf(request)).includes(groupMasters)) return;
    const why = `use of ${apiClientSigner} signer with system:masters group is not allowed`;
    throw forbidden(type, name, why);
  },
});

/** Loaded when the first request comes: parsing certificates is rare and its library is not small. */
async function organizationsOf(request: string): Promise<string[]> {
  const { organizationsOfRequest } = await import('#pki/signing-request.ts');
  try {
    return organizationsOfRequest(Buffer.from(request, 'base64').toString());
  } catch (error) {
    throw badRequest(`unable to parse request: ${(error as Error).message}`);
  }
}
