/** Which pods a service selects, with address and ports: shared by Endpoints and EndpointSlices. */

import { pods as podsType, services as servicesType } from '#api/generated/kinds.gen.ts';
import type { Pod, Service, ServicePort } from '#api/generated/types.gen.ts';
import { lastingContainers } from '#api/pods/containers.ts';
import { isPodReady, isPodTerminal } from '#api/pods/state.ts';
import { deepEqual } from '#api/schema/deep-equal.ts';
import { keyOf } from '#client/controllers/queue-key.ts';
import { type Watch, watch } from '#client/controllers/watch.ts';
import type { Lister } from '#client/informers/informer.ts';
import { matchesLabels } from '../shared/label-selector.ts';

export const serviceNameLabel = 'kubernetes.io/service-name';
export const headlessLabel = 'service.kubernetes.io/headless';
export const triggerTimeAnnotation = 'endpoints.kubernetes.io/last-change-trigger-time';
/** Locks of old leader elections look like Endpoints but are not. */
export const leaderAnnotation = 'control-plane.alpha.kubernetes.io/leader';

export type IpFamily = 'IPv4' | 'IPv6';

/** A service whose pods a controller looks up: it has a selector and is not an ExternalName. */
export function selectsPods(service: Service): boolean {
  return service.spec?.type !== 'ExternalName' && Object.keys(service.spec?.selector ?? {}).length > 0;
}

export function isHeadless(service: Service): boolean {
  return service.spec?.clusterIP === 'None';
}

export function familiesOf(service: Service): IpFamily[] {
  const families = service.spec?.ipFamilies as IpFamily[] | undefined;
  if (families?.length) return families;
  return [service.spec?.clusterIP?.includes(':') ? 'IPv6' : 'IPv4'];
}

export function addressesOf(pod: Pod, family: IpFamily): string[] {
  const ips = pod.status?.podIPs?.map(({ ip }) => ip) ?? [pod.status?.podIP ?? ''];
  return ips.filter((ip) => ip !== '' && ip.includes(':') === (family === 'IPv6'));
}

/** It has an address and has not ended; pods being deleted count only with `withTerminating`. */
export function belongsInEndpoints(pod: Pod, withTerminating: boolean): boolean {
  if (isPodTerminal(pod) || !pod.status?.podIP) return false;
  return withTerminating || !pod.metadata?.deletionTimestamp;
}

/** The DNS hostname of this pod, if its subdomain is this service. */
export function hostnameIn(service: Service, pod: Pod): string | undefined {
  const isSubdomain = pod.spec?.subdomain === service.metadata?.name;
  return isSubdomain && pod.spec?.hostname ? pod.spec.hostname : undefined;
}

/** The port on the pod for a service port; undefined when the pod has no container port of that name. */
export function targetPortOf(pod: Pod, port: ServicePort): number | undefined {
  const { targetPort, protocol = 'TCP' } = port;
  if (typeof targetPort !== 'string') return targetPort || port.port;
  for (const { ports = [] } of lastingContainers(pod.spec)) {
    const found = ports.find((each) => each.name === targetPort && (each.protocol ?? 'TCP') === protocol);
    if (found) return found.containerPort;
  }
  return undefined;
}

/** Services, and the pods that they select: every service that a change may affect. */
export function watchBackends(services: Lister<Service>): Watch[] {
  return [
    watch({ type: servicesType }),
    watch({
      type: podsType,
      changed: (old, pod) =>
        !deepEqual(old.metadata.labels, pod.metadata.labels) || !deepEqual(traitsOf(old), traitsOf(pod)),
      *keys({ metadata: { namespace, labels } }) {
        for (const service of services.list(namespace)) {
          const selector = service.spec?.selector ?? {};
          if (selectsPods(service) && matchesLabels(selector, labels)) yield keyOf(service);
        }
      },
    }),
  ];
}

/** Fields of a pod that endpoints depend on: most changes of its status do not affect them. */
function traitsOf(pod: Pod) {
  const { metadata, spec, status } = pod;
  return [
    status?.podIP,
    status?.podIPs,
    isPodReady(pod),
    isPodTerminal(pod),
    Boolean(metadata?.deletionTimestamp),
    spec?.nodeName,
    spec?.hostname,
    spec?.subdomain,
  ];
}
