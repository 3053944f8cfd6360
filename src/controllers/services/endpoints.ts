/**
 * Keeps the Endpoints object of every service with a selector equal to the pods that it selects, for clients
 * that still read it.
 *
 * Reads services, pods and Endpoints; writes Endpoints. Follows upstream's endpoints-controller: at most 1000
 * addresses, with an annotation when some are left out; removed with its service.
 */

import {
  endpoints as endpointsType,
  pods as podsType,
  services as servicesType,
} from '#api/generated/kinds.gen.ts';
import type { EndpointPort, Endpoints, Pod, Service } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { isPodReady } from '#api/pods/state.ts';
import { deepEqual } from '#api/schema/deep-equal.ts';
import { defineController } from '#client/controllers/controller.ts';
import { type Action, nothingToDo, type Plan, targetOf } from '#client/controllers/plan.ts';
import { splitKey } from '#client/controllers/queue-key.ts';
import { watch } from '#client/controllers/watch.ts';
import { matchesLabels } from '../shared/label-selector.ts';
import { type Backend, packSubsets, truncateSubsets } from './endpoint-subsets.ts';
import {
  addressesOf,
  belongsInEndpoints,
  familiesOf,
  headlessLabel,
  hostnameIn,
  isHeadless,
  leaderAnnotation,
  selectsPods,
  targetPortOf,
  triggerTimeAnnotation,
  watchBackends,
} from './service-backends.ts';
import { TriggerTimes } from './trigger-time.ts';

const managedByLabel = 'endpoints.kubernetes.io/managed-by';
const manager = 'endpoint-controller';
const overCapacityAnnotation = 'endpoints.kubernetes.io/over-capacity';

export const endpoints = defineController({
  name: 'endpoint-controller',
  start({ informers }) {
    const services = informers.for(servicesType);
    const pods = informers.for(podsType);
    const endpointsLister = informers.for(endpointsType);
    const triggerTimes = new TriggerTimes();
    return {
      watches: [
        ...watchBackends(services),
        // Listed: remains of services that were deleted while this controller did not run. Later ones without
        // a service are kept: their service may be created yet.
        watch({ type: endpointsType, on: ['listed', 'deleted'] }),
      ],
      reconcile(key): Plan {
        const [namespace, name] = splitKey(key);
        const service = services.get(namespace, name);
        const existing = endpointsLister.get(namespace, name);
        if (!service) {
          triggerTimes.forget(key);
          return { actions: existing ? removeLeftOver(existing) : [] };
        }
        if (!selectsPods(service)) return nothingToDo;
        const selector = service.spec?.selector ?? {};
        const behind = pods.list(namespace).filter((pod) => matchesLabels(selector, pod.metadata.labels));
        const triggerTime = triggerTimes.next(key, service, behind);
        return { actions: decideEndpoints(service, behind, existing, triggerTime) };
      },
    };
  },
});

function removeLeftOver(object: Stored<Endpoints>): Action[] {
  if (object.metadata.annotations?.[leaderAnnotation] !== undefined) return [];
  return [{ do: 'delete', ...targetOf(endpointsType, object), uid: object.metadata.uid }];
}

export function decideEndpoints(
  service: Stored<Service>,
  pods: readonly Stored<Pod>[],
  existing: Stored<Endpoints> | undefined,
  triggerTime: string | undefined,
): Action[] {
  const { subsets, isTruncated } = truncateSubsets(packSubsets(backendsOf(service, pods)));
  const labels = labelsOf(service);
  const before = existing?.metadata.annotations ?? {};
  const wasTruncated = before[overCapacityAnnotation] === 'truncated';
  if (
    existing &&
    deepEqual(existing.subsets ?? [], subsets) &&
    deepEqual(existing.metadata.labels ?? {}, labels) &&
    wasTruncated === isTruncated
  ) {
    return [];
  }
  const annotations = annotationsFor(before, isTruncated, triggerTime);
  const { namespace, name } = service.metadata;
  const object: Endpoints = {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: {
      ...(existing?.metadata ?? { name, ...(namespace ? { namespace } : {}) }),
      labels,
      annotations,
    },
    ...(subsets.length > 0 ? { subsets } : {}),
  };
  return [{ do: existing ? 'update' : 'create', type: endpointsType, object }];
}

function annotationsFor(
  before: Record<string, string>,
  isTruncated: boolean,
  triggerTime: string | undefined,
): Record<string, string> {
  const { [overCapacityAnnotation]: _capacity, [triggerTimeAnnotation]: _trigger, ...others } = before;
  return {
    ...others,
    ...(triggerTime === undefined ? {} : { [triggerTimeAnnotation]: triggerTime }),
    ...(isTruncated ? { [overCapacityAnnotation]: 'truncated' } : {}),
  };
}

function labelsOf(service: Service): Record<string, string> {
  const { [headlessLabel]: _headless, ...labels } = service.metadata?.labels ?? {};
  return {
    ...labels,
    ...(isHeadless(service) ? { [headlessLabel]: '' } : {}),
    [managedByLabel]: manager,
  };
}

function backendsOf(service: Service, pods: readonly Stored<Pod>[]): Backend[] {
  const family = familiesOf(service)[0]!;
  const publishAll = Boolean(service.spec?.publishNotReadyAddresses);
  return pods.flatMap((pod) => {
    const ip = addressesOf(pod, family)[0];
    if (ip === undefined || !belongsInEndpoints(pod, publishAll)) return [];
    const ports = portsOf(service, pod);
    // Only a headless service may have no ports at all.
    if (ports.length === 0 && !(isHeadless(service) && !service.spec?.ports?.length)) return [];
    const hostname = hostnameIn(service, pod);
    const { namespace, name, uid } = pod.metadata;
    const address = {
      ip,
      ...(hostname ? { hostname } : {}),
      ...(pod.spec?.nodeName ? { nodeName: pod.spec.nodeName } : {}),
      targetRef: { kind: 'Pod', ...(namespace ? { namespace } : {}), name, uid },
    };
    return [{ address, ports, ready: publishAll || isPodReady(pod) }];
  });
}

function portsOf(service: Service, pod: Pod): EndpointPort[] {
  return (service.spec?.ports ?? []).flatMap((port) => {
    const number = targetPortOf(pod, port);
    if (number === undefined) return [];
    return [
      {
        ...(port.name ? { name: port.name } : {}),
        port: number,
        protocol: port.protocol ?? 'TCP',
        ...(port.appProtocol ? { appProtocol: port.appProtocol } : {}),
      },
    ];
  });
}
