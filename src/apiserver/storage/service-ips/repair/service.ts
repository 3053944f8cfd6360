/**
 * Every address of a service has an IPAddress object that refers to it: decides what is to be done where that
 * is not so. Follows the service half of upstream's ipallocator-repair-controller.
 */

import type { IPAddress, Service } from '#api/generated/types.gen.ts';
import { canonicalAddress } from '#api/values/address-range.ts';
import { addressObject, allocatorName, familyLabel, familyOf, managedByLabel } from '../service-addresses.ts';
import type { RepairPlan, RepairStep } from './step.ts';

/** All of one revision. */
export interface RepairView {
  address(name: string): IPAddress | undefined;
  service(namespace: string, name: string): Service | undefined;
  /** A ServiceCIDR holds it, ready or not. */
  isInRange(address: string): boolean;
}

export function repairService(service: Service, view: RepairView): RepairPlan {
  const { type, clusterIP, clusterIPs } = service.spec ?? {};
  if (type === 'ExternalName' || !clusterIP || clusterIP === 'None') return { steps: [] };
  return { steps: (clusterIPs ?? [clusterIP]).flatMap((text) => repairAddress(service, text, view)) };
}

function repairAddress(service: Service, text: string, view: RepairView): RepairStep[] {
  const warn = (reason: string, message: string): RepairStep => ({
    do: 'warn',
    regarding: service,
    reason,
    message,
  });
  const name = canonicalAddress(text);
  if (name === undefined) {
    return [warn('ClusterIPNotValid', `Cluster IP ${text} is not a valid IP; please recreate Service`)];
  }
  const label = `Cluster IP [${familyOf(name)}]: ${name}`;
  if (!view.isInRange(name)) {
    const message = `${label} is not within any configured Service CIDR; please recreate service`;
    return [warn('ClusterIPOutOfRange', message)];
  }
  const address = view.address(name);
  if (!address) {
    const message = `${label} is not allocated; repairing`;
    return [warn('ClusterIPNotAllocated', message), { do: 'create', address: addressObject(name, service) }];
  }
  const { group = '', resource, namespace = '', name: parent } = address.spec?.parentRef ?? noParent;
  const refersHere = namespace === service.metadata?.namespace && parent === service.metadata?.name;
  const other = refersHere ? undefined : view.service(namespace, parent);
  if (group !== '' || resource !== 'services' || (!refersHere && !other)) {
    const message = `the Cluster${label.slice('Cluster '.length)} for Service ${nameOf(service)} has a wrong reference; repairing`;
    return [warn('ClusterIPNotAllocated', message), ...recreate(name, service)];
  }
  const steps: RepairStep[] = [];
  if (other?.spec?.clusterIPs?.includes(name)) {
    const message = `Cluster IP [${familyOf(name)}]:${name} was assigned to multiple services; please recreate service`;
    steps.push(warn('ClusterIPAlreadyAllocated', message));
  }
  return hasLabels(address) ? steps : [...steps, ...recreate(name, service)];
}

const noParent = { group: '', resource: '', namespace: '', name: '' };

function recreate(name: string, service: Service): RepairStep[] {
  return [
    { do: 'delete', name },
    { do: 'create', address: addressObject(name, service) },
  ];
}

function hasLabels({ metadata }: IPAddress): boolean {
  const { name = '', labels = {} } = metadata ?? {};
  return labels[familyLabel] === familyOf(name) && labels[managedByLabel] === allocatorName;
}

function nameOf({ metadata }: Service): string {
  return `${metadata?.namespace}/${metadata?.name}`;
}
