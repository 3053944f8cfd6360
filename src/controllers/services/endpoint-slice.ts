/**
 * Keeps the EndpointSlices of every service with a selector equal to the pods that it selects.
 *
 * Reads services, pods, nodes and EndpointSlices; writes EndpointSlices. Follows upstream's
 * endpointslice-controller: 100 endpoints a slice, one address type and set of ports a slice,
 * ready/serving/terminating, topology, an empty slice for a service without pods.
 */

import { nodes as nodesType, pods as podsType, services as servicesType } from '#api/generated/kinds.gen.ts';
import type { DiscoveryV1EndpointPort, Endpoint, Node, Pod, Service } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { isPodReady } from '#api/pods/state.ts';
import { defineController } from '#client/controllers/controller.ts';
import { nothingToDo, type Plan } from '#client/controllers/plan.ts';
import { splitKey } from '#client/controllers/queue-key.ts';
import { watch } from '#client/controllers/watch.ts';
import { matchesLabels } from '../shared/label-selector.ts';
import { controllerReference } from '../shared/ownership/ownership.ts';
import {
  addressesOf,
  belongsInEndpoints,
  familiesOf,
  headlessLabel,
  hostnameIn,
  type IpFamily,
  isHeadless,
  selectsPods,
  serviceNameLabel,
  targetPortOf,
  triggerTimeAnnotation,
  watchBackends,
} from './service-backends.ts';
import { ManagedSlices, managedByLabel, sliceActions } from './slice-actions.ts';
import { groupKey, layOutSlices, type SliceGroup } from './slice-layout.ts';
import { TriggerTimes } from './trigger-time.ts';

const manager = 'endpointslice-controller.k8s.io';
const endpointsMax = 100;
const zoneLabel = 'topology.kubernetes.io/zone';

export const endpointSlice = defineController({
  name: 'endpointslice-controller',
  start({ informers }) {
    const services = informers.for(servicesType);
    const pods = informers.for(podsType);
    const nodes = informers.for(nodesType);
    const slices = new ManagedSlices(manager, informers);
    const triggerTimes = new TriggerTimes();
    /** Services with pods on a node that the cache does not show yet, by the node's name. */
    const awaited = new Map<string, Set<string>>();
    return {
      watches: [
        ...watchBackends(services),
        slices.watch,
        watch({
          type: nodesType,
          on: ['listed', 'added'],
          keys: ({ metadata }) => awaited.get(metadata.name) ?? [],
          note(change, { metadata }) {
            if (change !== 'deleted') awaited.delete(metadata.name);
          },
        }),
      ],
      reconcile(key, { isCurrent }): Plan {
        const [namespace, name] = splitKey(key);
        const service = services.get(namespace, name);
        if (!service) {
          // The service owns its slices: the garbage collector deletes them.
          triggerTimes.forget(key);
          return nothingToDo;
        }
        if (!selectsPods(service) || service.metadata.deletionTimestamp || !isCurrent) return nothingToDo;
        const selector = service.spec?.selector ?? {};
        const behind = pods.list(namespace).filter((pod) => matchesLabels(selector, pod.metadata.labels));
        const nodeOf = (name: string) => {
          const node = nodes.get(undefined, name);
          if (!node) awaited.set(name, (awaited.get(name) ?? new Set()).add(key));
          return node;
        };
        const layout = layOutSlices({
          existing: slices.of(key),
          groups: sliceGroups(service, behind, nodeOf),
          metadata: sliceMetadata(service),
          triggerTime: {
            annotation: triggerTimeAnnotation,
            value: triggerTimes.next(key, service, behind),
          },
          endpointsMax,
        });
        return { actions: sliceActions(layout) };
      },
    };
  },
});

/** The wanted content of the slices; at least one group for each address type, if only an empty one. */
export function sliceGroups(
  service: Service,
  pods: readonly Stored<Pod>[],
  nodeOf: (name: string) => Node | undefined,
): SliceGroup[] {
  return familiesOf(service).flatMap((family) => {
    const groups = new Map<string, SliceGroup>();
    for (const pod of pods) {
      const addresses = addressesOf(pod, family);
      if (addresses.length === 0 || !belongsInEndpoints(pod, true) || isLost(service, pod, nodeOf)) continue;
      const ports = portsOf(service, pod);
      const key = groupKey(family, ports);
      if (!groups.has(key)) groups.set(key, { addressType: family, ports, endpoints: [] });
      groups.get(key)!.endpoints.push(endpointOf(service, pod, addresses, nodeOf));
    }
    return groups.size > 0 ? [...groups.values()] : [emptyGroup(family)];
  });
}

/** Pods whose Node is unknown are left out, unless the service publishes addresses that are not ready. */
function isLost(service: Service, pod: Pod, nodeOf: (name: string) => Node | undefined): boolean {
  const nodeName = pod.spec?.nodeName;
  return !!nodeName && !service.spec?.publishNotReadyAddresses && !nodeOf(nodeName);
}

function emptyGroup(family: IpFamily): SliceGroup {
  return { addressType: family, ports: [], endpoints: [] };
}

function portsOf(service: Service, pod: Pod): DiscoveryV1EndpointPort[] {
  return (service.spec?.ports ?? []).flatMap((port) => {
    const number = targetPortOf(pod, port);
    if (number === undefined) return [];
    return [
      {
        name: port.name ?? '',
        port: number,
        protocol: port.protocol ?? 'TCP',
        ...(port.appProtocol ? { appProtocol: port.appProtocol } : {}),
      },
    ];
  });
}

function endpointOf(
  service: Service,
  pod: Stored<Pod>,
  addresses: string[],
  nodeOf: (name: string) => Node | undefined,
): Endpoint {
  const serving = isPodReady(pod);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const ready = Boolean(service.spec?.publishNotReadyAddresses) || (serving && !terminating);
  const hostname = hostnameIn(service, pod);
  const nodeName = pod.spec?.nodeName;
  const zone = nodeName ? nodeOf(nodeName)?.metadata?.labels?.[zoneLabel] : undefined;
  const hints = ready ? hintsOf(service, nodeName, zone) : undefined;
  const { namespace, name, uid } = pod.metadata;
  return {
    addresses,
    conditions: { ready, serving, terminating },
    ...(hostname ? { hostname } : {}),
    ...(nodeName ? { nodeName } : {}),
    ...(zone ? { zone } : {}),
    ...(hints ? { hints } : {}),
    targetRef: { kind: 'Pod', ...(namespace ? { namespace } : {}), name, uid },
  };
}

/** Zones that should use the endpoint, when the service requests topology-aware routing. */
function hintsOf(
  service: Service,
  nodeName: string | undefined,
  zone: string | undefined,
): Endpoint['hints'] {
  const preference = service.spec?.trafficDistribution;
  const forZones = zone ? { forZones: [{ name: zone }] } : {};
  if (preference === 'PreferSameNode' && nodeName) return { ...forZones, forNodes: [{ name: nodeName }] };
  if ((preference === 'PreferClose' || preference === 'PreferSameZone') && zone) return forZones;
  return undefined;
}

function sliceMetadata(service: Stored<Service>) {
  const { namespace, name, labels } = service.metadata;
  const { [headlessLabel]: _headless, ...ownLabels } = labels ?? {};
  return {
    generateName: `${name}-`,
    ...(namespace ? { namespace } : {}),
    labels: {
      ...ownLabels,
      ...(isHeadless(service) ? { [headlessLabel]: '' } : {}),
      [serviceNameLabel]: name,
      [managedByLabel]: manager,
    },
    ownerReferences: [controllerReference(servicesType, service)],
  };
}
