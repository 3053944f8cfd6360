/** The cluster's authority, as the controllers of certificate signing requests use it. */

import type { CertificateAuthority } from '#controllers/certificates/authority.ts';
import type { Pki } from '#pki/pki.ts';
import type { SigningRequest } from '#pki/signing-request.ts';

export function authorityOf(pki: Pick<Pki, 'signRequest'>): CertificateAuthority {
  return {
    read,
    async sign(pem, usages, lifeMs) {
      return pki.signRequest(await read(pem), usages, lifeMs);
    },
  };
}

/** The library that parses certificates is loaded by the first request: an eighth of the server's start-up time. */
async function read(pem: string): Promise<SigningRequest> {
  const { parseSigningRequest } = await import('#pki/signing-request.ts');
  return parseSigningRequest(pem);
}
