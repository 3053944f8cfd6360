/**
 * Every IPAddress object of the allocator refers to a service that has this address: decides what is to be
 * done where that is not so. An address whose service is not there yet is given the time of a request.
 * Follows the address half of upstream's ipallocator-repair-controller.
 */

import type { IPAddress } from '#api/generated/types.gen.ts';
import { allocatorName, managedByLabel } from '../service-addresses.ts';
import type { RepairView } from './service.ts';
import type { RepairPlan } from './step.ts';

/** The longest that a request may take: until then the service may still be stored. */
const requestMs = 60_000;
/** A write that failed gives its address back within this time. */
const revertMs = 5_000;

export function repairAddressObject(address: IPAddress, view: RepairView, nowMs: number): RepairPlan {
  if (address.metadata?.labels?.[managedByLabel] !== allocatorName) return { steps: [] };
  const { group = '', resource = '', namespace = '', name = '' } = address.spec?.parentRef ?? {};
  const own = address.metadata?.name ?? '';
  if (group !== '' || resource !== 'services') {
    const reference = `&ParentReference{Group:${group},Resource:${resource},Namespace:${namespace},Name:${name},}`;
    const message = `IPAddress ${own} appears to have been modified, not referencing a Service ${reference}: cleaning up`;
    return remove(address, 'IPAddressNotAllocated', message);
  }
  const ageMs = nowMs - timeOf(address.metadata?.creationTimestamp);
  const service = view.service(namespace, name);
  if (!service) {
    if (ageMs <= requestMs) return { steps: [], againInMs: requestMs - ageMs + 1 };
    const message = `IPAddress: ${own} for Service ${namespace}/${name} appears to have leaked: cleaning up`;
    return remove(address, 'IPAddressNotAllocated', message);
  }
  if (service.spec?.clusterIPs?.includes(own)) return { steps: [] };
  if (service.spec?.type === 'ExternalName' && ageMs < requestMs) {
    return { steps: [], againInMs: requestMs - ageMs };
  }
  const isNewer = timeOf(address.metadata?.creationTimestamp) > timeOf(service.metadata?.creationTimestamp);
  if (isNewer && ageMs < revertMs) return { steps: [], againInMs: revertMs };
  const message = `IPAddress: ${own} for Service ${namespace}/${name} has a wrong reference; cleaning up`;
  return remove(address, 'IPAddressWrongReference', message);
}

function remove(address: IPAddress, reason: string, message: string): RepairPlan {
  const name = address.metadata?.name ?? '';
  return {
    steps: [
      { do: 'warn', regarding: address, reason, message },
      { do: 'delete', name },
    ],
  };
}

function timeOf(timestamp: string | undefined): number {
  return timestamp === undefined ? 0 : Date.parse(timestamp);
}
