/** No Service gets further external addresses. Upstream: DenyServiceExternalIPs, off by default. */

import type { Service } from '#api/generated/types.gen.ts';
import { forbidden } from '#api/meta/status.ts';
import { defineAdmission } from '../../contract/admission.ts';

export const denyServiceExternalIps = defineAdmission({
  name: 'DenyServiceExternalIPs',
  rules: [{ operations: ['CREATE', 'UPDATE'], apiGroups: [''], resources: ['services'] }],
  validate({ type, name, object, oldObject }) {
    const old = new Set(addressesOf(oldObject as Service | undefined));
    if (addressesOf(object as Service).every((address) => old.has(address))) return;
    throw forbidden(type, name, 'Use of external IPs is denied by admission control');
  },
});

function addressesOf(service: Service | undefined): readonly string[] {
  return service?.spec?.externalIPs ?? [];
}
