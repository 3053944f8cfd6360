/** For tests: devices, their classes, and claims for them. */

import type {
  AllocationResult,
  Device,
  DeviceClass,
  ResourceClaimSpec,
  ResourceClaimStatus,
  ResourceClaimTemplate,
  ResourceSlice,
  ResourceSliceSpec,
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

/** Whose devices are those of the driver `gpu.example.com`. */
export function storedDeviceClass(
  name: string,
  more: Partial<DeviceClass['spec']> = {},
): Stored<DeviceClass> {
  const cel = { expression: 'device.driver == "gpu.example.com"' };
  return { metadata: storedMetadata(name), spec: { selectors: [{ cel }], ...more } };
}

/** The devices of a node, a pool of its own: named, or described. */
export function storedSlice(
  node: string,
  devices: readonly (string | Device)[],
  more: Partial<ResourceSliceSpec> = {},
): Stored<ResourceSlice> {
  return {
    metadata: storedMetadata(`${node}-slice`),
    spec: {
      driver: 'gpu.example.com',
      nodeName: node,
      pool: { name: node, generation: 1, resourceSliceCount: 1 },
      devices: devices.map((device) => (typeof device === 'string' ? { name: device } : device)),
      ...more,
    },
  };
}

/** The allocation of these devices of a node to the request `req`. */
export function allocationOf(node: string, ...devices: readonly string[]): AllocationResult {
  const matchFields = [{ key: 'metadata.name', operator: 'In', values: [node] }];
  return {
    devices: {
      results: devices.map((device) => ({ request: 'req', driver: 'gpu.example.com', pool: node, device })),
    },
    nodeSelector: { nodeSelectorTerms: [{ matchFields }] },
  };
}
