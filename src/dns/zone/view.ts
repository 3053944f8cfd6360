/** What the zones are made of, as the informers hold it, and which names a change of it concerns. */

import { endpointSlices, namespaces, pods, services } from '#api/generated/kinds.gen.ts';
import type { EndpointSlice, Namespace, Pod, Service } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { parseIp } from '#api/values/ip.ts';
import type { Informer, Informers } from '#client/informers/informer.ts';

export interface ZoneView {
  service(namespace: string, name: string): Service | undefined;
  slices(namespace: string, service: string): readonly EndpointSlice[];
  namespaceExists(namespace: string): boolean;
  /** Services with this cluster IP (`addressKey`). */
  servicesByIp(ip: string): readonly Service[];
  /** EndpointSlices that contain this address (`addressKey`). */
  slicesByIp(ip: string): readonly EndpointSlice[];
  /** Only asked when pod names are verified. */
  podExists(namespace: string, ip: string): boolean;
}

/** A change: of a service or its endpoints (`namespace/name`), or of a namespace (undefined: of any name). */
export type ZoneChange = (service: string | undefined) => void;

/** Equal for every notation of one address. */
export function addressKey(ip: string): string {
  return ip.includes(':') ? String(parseIp(ip)?.bytes ?? ip) : ip;
}

export function informerView(informers: Informers): ZoneView {
  const serviceInformer: Informer<Service> = informers.for<Service>(services);
  const sliceInformer: Informer<EndpointSlice> = informers.for<EndpointSlice>(endpointSlices);
  const namespaceInformer: Informer<Namespace> = informers.for<Namespace>(namespaces);
  serviceInformer.addIndex('clusterIP', (service) => clusterIps(service).map(addressKey));
  sliceInformer.addIndex('service', (slice) => serviceOfSlice(slice) ?? []);
  sliceInformer.addIndex('address', (slice) =>
    (slice.endpoints ?? []).flatMap((endpoint) => endpoint.addresses.map(addressKey)),
  );
  let podInformer: Informer<Pod> | undefined;
  return {
    service: (namespace, name) => serviceInformer.get(namespace, name),
    slices: (namespace, service) => sliceInformer.byIndex('service', `${namespace}/${service}`),
    namespaceExists: (namespace) => namespaceInformer.get(undefined, namespace) !== undefined,
    servicesByIp: (ip) => serviceInformer.byIndex('clusterIP', ip),
    slicesByIp: (ip) => sliceInformer.byIndex('address', ip),
    podExists(namespace, ip) {
      // Pods are only read by a cluster that wants their names verified.
      podInformer ??= podsByIp(informers);
      return podInformer.byIndex('ip', addressKey(ip)).some((pod) => pod.metadata.namespace === namespace);
    },
  };
}

/** Calls `changed` for what the informers hear. Returns a function that ends it. */
export function watchZone(informers: Informers, changed: ZoneChange): () => void {
  const keyOf = ({ metadata }: Stored<Service>) => `${metadata.namespace}/${metadata.name}`;
  const unsubscribe = [
    subscribe(informers.for<Service>(services), (service) => changed(keyOf(service))),
    subscribe(informers.for<EndpointSlice>(endpointSlices), (slice) => {
      for (const service of serviceOfSlice(slice) ?? []) changed(service);
    }),
    informers.for<Namespace>(namespaces).subscribe({
      onAdd: () => changed(undefined),
      onDelete: () => changed(undefined),
    }),
  ];
  return () => {
    for (const end of unsubscribe) end();
  };
}

function subscribe<T extends Service | EndpointSlice>(
  informer: Informer<T>,
  changed: (object: Stored<T>) => void,
): () => void {
  return informer.subscribe({
    onAdd: changed,
    onUpdate(old, object) {
      changed(old);
      changed(object);
    },
    onDelete: changed,
  });
}

function podsByIp(informers: Informers): Informer<Pod> {
  const informer = informers.for<Pod>(pods);
  informer.addIndex('ip', ({ spec, status }) =>
    spec?.hostNetwork ? [] : (status?.podIPs ?? []).map(({ ip }) => addressKey(ip)),
  );
  return informer;
}

export function clusterIps({ spec }: Service): string[] {
  return (spec?.clusterIPs ?? []).filter((ip) => ip !== 'None');
}

function serviceOfSlice({ metadata }: EndpointSlice): string[] | undefined {
  const name = metadata?.labels?.['kubernetes.io/service-name'];
  return name ? [`${metadata?.namespace}/${name}`] : undefined;
}
