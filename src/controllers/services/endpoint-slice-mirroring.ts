/**
 * Mirrors custom Endpoints of services without a selector into EndpointSlices, the only ones that proxies
 * read.
 *
 * Reads Endpoints, services and EndpointSlices; writes EndpointSlices. Follows upstream's
 * endpointslicemirroring-controller: at most 1000 addresses of a subset; not for Endpoints with the label
 * skip-mirror.
 */

import { endpoints as endpointsType, services as servicesType } from '#api/generated/kinds.gen.ts';
import type {
  Endpoint,
  EndpointAddress,
  EndpointSubset,
  Endpoints,
  Service,
} from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { defineController } from '#client/controllers/controller.ts';
import { type Action, nothingToDo, type Plan } from '#client/controllers/plan.ts';
import { splitKey } from '#client/controllers/queue-key.ts';
import { watch } from '#client/controllers/watch.ts';
import { eventAction } from '../shared/event-action.ts';
import { controllerReference } from '../shared/ownership/ownership.ts';
import { leaderAnnotation, serviceNameLabel, triggerTimeAnnotation } from './service-backends.ts';
import { ManagedSlices, managedByLabel, sliceActions } from './slice-actions.ts';
import { groupKey, layOutSlices, type SliceGroup } from './slice-layout.ts';

const manager = 'endpointslicemirroring-controller.k8s.io';
const skipMirrorLabel = 'endpointslice.kubernetes.io/skip-mirror';
const endpointsMax = 1000;
const addressesPerSubsetMax = 1000;
const ownAnnotations = new Set(['kubectl.kubernetes.io/last-applied-configuration', triggerTimeAnnotation]);

export const endpointSliceMirroring = defineController({
  name: 'endpointslicemirroring-controller',
  start({ informers }) {
    const services = informers.for(servicesType);
    const endpoints = informers.for(endpointsType);
    const slices = new ManagedSlices(manager, informers);
    return {
      watches: [watch({ type: servicesType }), watch({ type: endpointsType }), slices.watch],
      reconcile(key, { isCurrent }): Plan {
        const service = services.get(...splitKey(key));
        const source = endpoints.get(...splitKey(key));
        const existing = slices.of(key);
        if (!service || !source || !isMirrored(service, source)) {
          return { actions: sliceActions({ create: [], update: [], delete: existing }) };
        }
        if (!isCurrent) return nothingToDo;
        const value = source.metadata.annotations?.[triggerTimeAnnotation];
        const layout = layOutSlices({
          existing,
          groups: mirroredGroups(source.subsets ?? []),
          metadata: mirrorMetadata(source),
          triggerTime: { annotation: triggerTimeAnnotation, value },
          endpointsMax,
        });
        return { actions: [...skippedEvents(source), ...sliceActions(layout)] };
      },
    };
  },
});

function skippedEvents(source: Stored<Endpoints>): Action[] {
  let skipped = 0;
  for (const { addresses = [], notReadyAddresses = [] } of source.subsets ?? []) {
    skipped += Math.max(0, addresses.length + notReadyAddresses.length - addressesPerSubsetMax);
  }
  if (skipped === 0) return [];
  const message = `A max of ${addressesPerSubsetMax} addresses can be mirrored to EndpointSlices per Endpoints subset. ${skipped} addresses were skipped`;
  return [eventAction(source, 'Warning', 'TooManyAddressesToMirror', message)];
}

function isMirrored(service: Service, source: Endpoints): boolean {
  if (Object.keys(service.spec?.selector ?? {}).length > 0) return false;
  if (source.metadata?.labels?.[skipMirrorLabel]?.toLowerCase() === 'true') return false;
  return source.metadata?.annotations?.[leaderAnnotation] === undefined;
}

export function mirroredGroups(subsets: readonly EndpointSubset[]): SliceGroup[] {
  const groups = new Map<string, SliceGroup>();
  for (const { addresses = [], notReadyAddresses = [], ports = [] } of subsets) {
    const endpoints = [
      ...addresses.map((address) => mirrored(address, true)),
      ...notReadyAddresses.map((address) => mirrored(address, false)),
    ];
    for (const endpoint of endpoints.slice(0, addressesPerSubsetMax)) {
      const addressType = endpoint.addresses[0]!.includes(':') ? 'IPv6' : 'IPv4';
      const slicePorts = ports.map((port) => ({
        ...port,
        name: port.name ?? '',
        protocol: port.protocol ?? 'TCP',
      }));
      const key = groupKey(addressType, slicePorts);
      if (!groups.has(key)) groups.set(key, { addressType, ports: slicePorts, endpoints: [] });
      groups.get(key)!.endpoints.push(endpoint);
    }
  }
  return [...groups.values()];
}

function mirrored({ ip, hostname, nodeName, targetRef }: EndpointAddress, ready: boolean): Endpoint {
  return {
    addresses: [ip],
    conditions: { ready },
    ...(hostname ? { hostname } : {}),
    ...(nodeName ? { nodeName } : {}),
    ...(targetRef ? { targetRef } : {}),
  };
}

function mirrorMetadata(source: Stored<Endpoints>) {
  const { namespace, name, labels, annotations = {} } = source.metadata;
  const copied = Object.entries(annotations).filter(([annotation]) => !ownAnnotations.has(annotation));
  return {
    generateName: `${name}-`,
    ...(namespace ? { namespace } : {}),
    labels: { ...labels, [serviceNameLabel]: name, [managedByLabel]: manager },
    annotations: Object.fromEntries(copied),
    ownerReferences: [controllerReference(endpointsType, source)],
  };
}
