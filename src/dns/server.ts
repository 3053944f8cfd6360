/**
 * Cluster DNS: serves the names of services and pods from informers, forwards all other queries to the
 * machine's name servers.
 */

import { endpointSlices, namespaces, services } from '#api/generated/kinds.gen.ts';
import type { EndpointSlice, Namespace, Service } from '#api/generated/types.gen.ts';
import type { Env } from '#base/env.ts';
import type { Informer, Informers } from '#client/informers/informer.ts';
import { type DnsListener, listenDns } from '#host/network/dns-sockets.ts';
import { createForwarder } from './forwarder.ts';
import type { DnsView } from './records.ts';
import { createResponder } from './responder.ts';

export interface DnsOptions {
  readonly env: Env;
  readonly informers: Informers;
  /** `cluster.local`. */
  readonly zone: string;
  readonly host: string;
  readonly port: number;
  /** Name servers for everything outside the zone; may be empty. */
  readonly upstreams: readonly string[];
  /** Addresses that lead back to this server. */
  readonly own: readonly string[];
}

export async function startDns(options: DnsOptions): Promise<DnsListener> {
  const view = informerView(options.informers);
  await options.informers.synced();
  const responder = createResponder({
    view,
    zone: options.zone,
    forward: createForwarder({ upstreams: options.upstreams, own: options.own }),
  });
  return listenDns(options.host, options.port, (query, transport) =>
    responder(query, transport).catch((error: unknown) => {
      options.env.log.warn('a DNS query failed', { error: String(error) });
      return undefined;
    }),
  );
}

function informerView(informers: Informers): DnsView {
  const serviceInformer: Informer<Service> = informers.for<Service>(services);
  const sliceInformer: Informer<EndpointSlice> = informers.for<EndpointSlice>(endpointSlices);
  const namespaceInformer: Informer<Namespace> = informers.for<Namespace>(namespaces);
  serviceInformer.addIndex('clusterIP', (service) =>
    (service.spec?.clusterIPs ?? []).filter((ip) => ip !== 'None'),
  );
  sliceInformer.addIndex('service', (slice) => {
    const name = slice.metadata.labels?.['kubernetes.io/service-name'];
    return name ? [`${slice.metadata.namespace}/${name}`] : [];
  });
  sliceInformer.addIndex('address', (slice) =>
    (slice.endpoints ?? []).flatMap((endpoint) => endpoint.addresses),
  );
  return {
    service: (namespace, name) => serviceInformer.get(namespace, name),
    slices: (namespace, service) => sliceInformer.byIndex('service', `${namespace}/${service}`),
    namespaceExists: (namespace) => namespaceInformer.get(undefined, namespace) !== undefined,
    serviceByIp: (ip) => serviceInformer.byIndex('clusterIP', ip)[0],
    slicesByIp: (ip) => sliceInformer.byIndex('address', ip),
  };
}
