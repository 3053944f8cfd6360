/** CertificateSigningRequest: its creator is written into it by the server, its status by signers. */

import type { Strategy } from '../strategy.ts';
import type { CertificateSigningRequest } from '../types.gen.ts';

export const certificateSigningRequest: Strategy<CertificateSigningRequest> = {
  hasGeneration: false,
  prepareForCreate(request) {
    request.status = {};
  },
  /** A request never changes once it is made. */
  prepareForUpdate(request, old) {
    request.spec = structuredClone(old.spec);
    request.status = structuredClone(old.status ?? {});
  },
  selectableFields(request) {
    return { 'spec.signerName': request.spec?.signerName ?? '' };
  },
};
