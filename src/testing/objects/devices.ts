/** For tests: claims for devices. */

import type {
  ResourceClaimSpec,
  ResourceClaimStatus,
  ResourceClaimTemplate,
  ResourceV1ResourceClaim,
} from '#api/generated/types.gen.ts';
import type { ObjectMeta, Stored } from '#api/meta/object.ts';
import { storedMetadata } from '../objects.ts';

export interface DeviceClaimTraits {
  readonly metadata?: ObjectMeta;
  readonly devices?: ResourceClaimSpec['devices'];
  readonly status?: ResourceClaimStatus;
}

/** In the namespace `default`; for one device of the class `gpu`, when nothing else is given. */
export function storedDeviceClaim(
  name: string,
  { metadata, devices, status }: DeviceClaimTraits = {},
): Stored<ResourceV1ResourceClaim> {
  const exactly = { deviceClassName: 'gpu', allocationMode: 'ExactCount', count: 1 };
  return {
    metadata: storedMetadata(name, { namespace: 'default', ...metadata }),
    spec: { devices: devices ?? { requests: [{ name: 'req', exactly }] } },
    ...(status ? { status } : {}),
  };
}

/** In the namespace `default`; its claims are for one device of the class `gpu`, and get this metadata. */
export function storedDeviceTemplate(name: string, metadata?: ObjectMeta): Stored<ResourceClaimTemplate> {
  const { spec } = storedDeviceClaim(name);
  return {
    metadata: storedMetadata(name, { namespace: 'default' }),
    spec: { ...(metadata ? { metadata } : {}), spec },
  };
}
