/** Rejects every write. Upstream: AlwaysDeny, off by default. */

import { forbidden } from '#api/meta/status.ts';
import { type AdmissionAttributes, defineAdmission } from '../../contract/admission.ts';

export const alwaysDeny = defineAdmission({
  name: 'AlwaysDeny',
  rules: [{ operations: ['*'], apiGroups: ['*'], resources: ['*/*'] }],
  mutate: deny,
  validate: deny,
});

function deny({ type, name }: AdmissionAttributes): never {
  throw forbidden(type, name, 'admission control is denying all modifications');
}
