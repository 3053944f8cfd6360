/** The cluster's authority, as the controllers of certificate signing requests use it. */

import type { CertificateAuthority } from '#controllers/certificates/authority.ts';
import type { Pki } from '#pki/pki.ts';
import { parseSigningRequest } from '#pki/signing-request.ts';

export function authorityOf(pki: Pick<Pki, 'signRequest'>): CertificateAuthority {
  return {
    read: (pem) => parseSigningRequest(pem),
    async sign(pem, usages, lifeMs) {
      return pki.signRequest(await parseSigningRequest(pem), usages, lifeMs);
    },
  };
}
