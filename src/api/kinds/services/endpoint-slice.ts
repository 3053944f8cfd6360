/** EndpointSlice: some of a service's endpoints, with their conditions and zones. */

import { endpointSlices } from '../../generated/kinds.gen.ts';
import type {
  DiscoveryV1EndpointPort,
  Endpoint,
  EndpointHints,
  EndpointSlice,
} from '../../generated/types.gen.ts';
import { ageOf, firstOf, nameOf, unset } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, column, nameColumn } from '../../kind/printer.ts';
import type { NameRule } from '../../meta/validation.ts';
import { deepEqual } from '../../schema/deep-equal.ts';
import { checkField, checkImmutable, checkOneOf } from '../../validation/field-checks.ts';
import {
  duplicate,
  type FieldError,
  invalidValue,
  notSupported,
  required,
  tooMany,
} from '../../validation/field-error.ts';
import { checkIp, checkNotSpecialIp } from '../../validation/ip-checks.ts';
import { addressWarnings } from '../../validation/ip-warnings.ts';
import {
  dns1123Label,
  dns1123Subdomain,
  labelValue,
  portProtocols,
  qualifiedName,
} from '../../validation/validators.ts';
import { parseIp } from '../../values/ip.ts';

export const endpointSlice = defineKind(endpointSlices, {
  hasGeneration: true,
  comparesAsSent: true,
  specOf: ({ metadata, addressType, endpoints, ports }) => ({
    metadata: { labels: metadata?.labels },
    addressType,
    endpoints,
    ports,
  }),
  setDefaults(slice) {
    for (const endpoint of slice.endpoints ?? []) endpoint.conditions ??= {};
    for (const port of slice.ports ?? []) {
      port.name ??= '';
      port.protocol ??= 'TCP';
    }
  },
  // Deprecated topology is dropped on create, and with the first change of an existing slice.
  prepareForCreate: dropTopology,
  prepareForUpdate(slice, old) {
    if (!hasSameEndpoints(slice, old)) dropTopology(slice);
  },
  validate: (slice) => validateSlice(slice),
  updateChecks: ['metadata', 'change'],
  validateUpdate: (now, old) => [
    ...validateSlice(now, old),
    ...checkImmutable('addressType', now.addressType ?? '', old.addressType),
  ],
  warnings: (slice, old) => [
    ...(slice.addressType === 'FQDN' && !old ? ['spec.addressType: FQDN endpoints are deprecated'] : []),
    ...oddAddressWarnings(slice),
  ],
  printer: {
    columns: [nameColumn, column('AddressType'), column('Ports'), column('Endpoints'), ageColumn],
    cells: (slice, now) => {
      const ports = (slice.ports ?? []).map((endpointSlice) =>
        endpointSlice.port === undefined ? '*' : String(endpointSlice.port),
      );
      const ips = (slice.endpoints ?? []).flatMap((endpointSlice) => endpointSlice.addresses);
      return [
        nameOf(slice),
        slice.addressType,
        firstOf(ports, shownMax) || unset,
        firstOf(ips, shownMax) || unset,
        ageOf(slice, now),
      ];
    },
  },
});

const shownMax = 3;

const endpointsMax = 1000;

const addressesMax = 100;

const portsMax = 20_000;

const hintsMax = 8;

function hasSameEndpoints({ endpoints }: EndpointSlice, old: EndpointSlice): boolean {
  return deepEqual({ endpoints }, { endpoints: old.endpoints }, 'io.k8s.api.discovery.v1.EndpointSlice');
}

function dropTopology({ endpoints }: EndpointSlice): void {
  for (const endpoint of endpoints ?? []) delete endpoint.deprecatedTopology;
}

/** All endpoints are validated when any of them changes. */
function validateSlice(slice: EndpointSlice, old?: EndpointSlice): FieldError[] {
  const errors = checkOneOf('addressType', slice.addressType, ['FQDN', 'IPv4', 'IPv6']);
  const endpoints = old && hasSameEndpoints(slice, old) ? [] : (slice.endpoints ?? []);
  if (endpoints.length > endpointsMax) errors.push(tooMany('endpoints', endpoints.length, endpointsMax));
  else {
    for (const [i, endpoint] of endpoints.entries()) {
      errors.push(...validateEndpoint(endpoint, slice.addressType, `endpoints[${i}]`));
    }
  }
  return [...errors, ...validatePorts(slice.ports ?? [])];
}

function validateEndpoint(endpoint: Endpoint, type: string, path: string): FieldError[] {
  const addresses = endpoint.addresses ?? [];
  const errors: FieldError[] = [];
  if (addresses.length === 0) errors.push(required(`${path}.addresses`, 'must contain at least 1 address'));
  else if (addresses.length > addressesMax) {
    errors.push(tooMany(`${path}.addresses`, addresses.length, addressesMax));
  }
  for (const [i, address] of addresses.entries()) {
    errors.push(...validateAddress(address, type, `${path}.addresses`, i));
  }
  if (endpoint.nodeName !== undefined) {
    errors.push(...checkField(`${path}.nodeName`, endpoint.nodeName, dns1123Subdomain));
  }
  if (endpoint.hostname !== undefined) {
    errors.push(...checkField(`${path}.hostname`, endpoint.hostname, dns1123Label));
  }
  return endpoint.hints ? [...errors, ...validateHints(endpoint.hints, `${path}.hints`)] : errors;
}

/** With too many zones, node hints are not validated. */
function validateHints({ forZones = [], forNodes = [] }: EndpointHints, path: string): FieldError[] {
  const zones = `${path}.forZones`;
  if (forZones.length > hintsMax) return [tooMany(zones, forZones.length, hintsMax)];
  const errors = validateHintNames(forZones, labelValue, zones);
  const nodes = `${path}.forNodes`;
  if (forNodes.length > hintsMax) return [...errors, tooMany(nodes, forNodes.length, hintsMax)];
  return [...errors, ...validateHintNames(forNodes, dns1123Subdomain, nodes)];
}

function validateHintNames(hints: { name?: string }[], rule: NameRule, path: string): FieldError[] {
  const seen = new Set<string>();
  return hints.flatMap(({ name = '' }, i) => {
    const at = `${path}[${i}].name`;
    const errors = seen.has(name) ? [duplicate(at, name)] : [];
    seen.add(name);
    return [...errors, ...checkField(at, name, rule)];
  });
}

function validateAddress(address: string, type: string, list: string, index: number): FieldError[] {
  const path = `${list}[${index}]`;
  if (type === 'FQDN') {
    if (address === '') return [required(path)];
    const name = address.replace(/\.$/, '');
    const wrong = dns1123Subdomain(name);
    if (wrong.length > 0) return [invalidValue(path, name, wrong.join(','))];
    if (name.includes('.')) return [];
    const text = 'should be a domain with at least two segments separated by dots';
    return [invalidValue(path, name, text)];
  }
  // The unknown type is reported elsewhere; addresses are then not validated.
  if (type !== 'IPv4' && type !== 'IPv6') return [];
  const family = type === 'IPv6' ? 6 : 4;
  const errors = checkIp(path, address);
  if (errors.length > 0) return errors;
  if (parseIp(address)!.family !== family) {
    errors.push(invalidValue(list, address, `must be an IPv${family} address`));
  }
  return [...errors, ...checkNotSpecialIp(path, address)];
}

function validatePorts(ports: DiscoveryV1EndpointPort[]): FieldError[] {
  if (ports.length > portsMax) return [tooMany('ports', ports.length, portsMax)];
  const names = new Set<string>();
  return ports.flatMap((port, i) => {
    const at = `ports[${i}]`;
    const errors: FieldError[] = [];
    const name = port.name ?? '';
    if (name) errors.push(...checkField(`${at}.name`, name, dns1123Label));
    if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
    names.add(name);
    if (port.protocol === undefined) errors.push(required(`${at}.protocol`));
    else if (!portProtocols.includes(port.protocol)) {
      errors.push(notSupported(`${at}.protocol`, port.protocol, portProtocols));
    }
    if (port.appProtocol !== undefined) {
      errors.push(...checkField(`${at}.appProtocol`, port.appProtocol, qualifiedName));
    }
    return errors;
  });
}

const ownManagers = ['endpointslice-controller.k8s.io', 'endpointslicemirroring-controller.k8s.io'];

/** The controllers of slices write no odd addresses. */
function oddAddressWarnings({ metadata, endpoints }: EndpointSlice): string[] {
  if (ownManagers.includes(metadata?.labels?.['endpointslice.kubernetes.io/managed-by'] ?? '')) return [];
  return (endpoints ?? []).flatMap(({ addresses }, i) =>
    (addresses ?? []).flatMap((address, j) => addressWarnings(`endpoints[${i}].addresses[${j}]`, address)),
  );
}
