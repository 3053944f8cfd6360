/** Endpoints: the older list of a service's endpoints. */

import { endpoints as type } from '../../generated/kinds.gen.ts';
import type { EndpointAddress, EndpointPort, EndpointSubset, Endpoints } from '../../generated/types.gen.ts';
import { ageOf, firstOf, hostPort, nameOf, none } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, column, nameColumn } from '../../kind/printer.ts';
import { deepEqual } from '../../schema/deep-equal.ts';
import { checkField, checkOneOf, checkPort } from '../../validation/field-checks.ts';
import { type FieldError, required } from '../../validation/field-error.ts';
import { checkIp, checkNotSpecialIp } from '../../validation/ip-checks.ts';
import { dns1123Label, dns1123Subdomain, portProtocols, qualifiedName } from '../../validation/validators.ts';

export const endpoints = defineKind(type, {
  deprecation: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  allowCreateOnUpdate: true,
  hasGeneration: false,
  setDefaults(endpoints) {
    for (const subset of endpoints.subsets ?? []) {
      for (const port of subset.ports ?? []) port.protocol ||= 'TCP';
    }
  },
  validate: validateSubsets,
  // All addresses are validated when any of them changes; unchanged ones may stay when labels change.
  updateChecks: ['metadataChange', 'metadata', 'change'],
  validateUpdate: (now, old) => (deepEqual(now.subsets, old.subsets) ? [] : validateSubsets(now)),
  storageFolder: 'services/endpoints',
  printer: {
    columns: [nameColumn, column('Endpoints'), ageColumn],
    cells: (endpoints, now) => [
      nameOf(endpoints),
      firstOf(addresses(endpoints), shownMax) || none,
      ageOf(endpoints, now),
    ],
  },
});

const shownMax = 3;

function addresses(endpoints: Endpoints): string[] {
  return (endpoints.subsets ?? []).flatMap((subset) => {
    const ips = (subset.addresses ?? []).map((address) => address.ip);
    if (!subset.ports?.length) return ips;
    return subset.ports.flatMap((port) => ips.map((ip) => hostPort(ip, port.port)));
  });
}

function validateSubsets({ subsets = [] }: Endpoints): FieldError[] {
  return subsets.flatMap((subset, i) => validateSubset(subset, `subsets[${i}]`));
}

function validateSubset(subset: EndpointSubset, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!subset.addresses?.length && !subset.notReadyAddresses?.length) {
    errors.push(required(path, 'must specify `addresses` or `notReadyAddresses`'));
  }
  for (const list of ['addresses', 'notReadyAddresses'] as const) {
    for (const [i, address] of (subset[list] ?? []).entries()) {
      errors.push(...validateAddress(address, `${path}.${list}[${i}]`));
    }
  }
  const ports = subset.ports ?? [];
  return [
    ...errors,
    ...ports.flatMap((port, i) => validatePort(port, ports.length > 1, `${path}.ports[${i}]`)),
  ];
}

function validateAddress(address: EndpointAddress, path: string): FieldError[] {
  const errors = checkIp(`${path}.ip`, address.ip ?? '');
  if (address.hostname) errors.push(...checkField(`${path}.hostname`, address.hostname, dns1123Label));
  if (address.nodeName !== undefined) {
    errors.push(...checkField(`${path}.nodeName`, address.nodeName, dns1123Subdomain));
  }
  return [...errors, ...checkNotSpecialIp(`${path}.ip`, address.ip ?? '')];
}

function validatePort(port: EndpointPort, mustHaveName: boolean, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (port.name) errors.push(...checkField(`${path}.name`, port.name, dns1123Label));
  else if (mustHaveName) errors.push(required(`${path}.name`));
  errors.push(
    ...checkPort(`${path}.port`, port.port ?? 0),
    ...checkOneOf(`${path}.protocol`, port.protocol, portProtocols),
  );
  if (port.appProtocol !== undefined) {
    errors.push(...checkField(`${path}.appProtocol`, port.appProtocol, qualifiedName));
  }
  return errors;
}
