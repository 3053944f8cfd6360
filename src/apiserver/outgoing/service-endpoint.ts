/**
 * The address at which the API server reaches a service: a random ready endpoint, as upstream with
 * `--enable-aggregator-routing`, so that it needs no service proxy on its own machine. An ExternalName service is
 * reached at its external name, as upstream without that argument.
 */

import { endpointSlices, services } from '#api/generated/kinds.gen.ts';
import type { EndpointSlice, Service } from '#api/generated/types.gen.ts';
import { notFound, serviceUnavailable } from '#api/meta/status.ts';
import type { Random } from '#base/random.ts';
import type { ObjectReader } from '../contract/stored-objects.ts';
import { readObject, readObjects } from '../contract/typed-reader.ts';

export interface ServicePort {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}

export interface ServiceEndpoint {
  readonly host: string;
  readonly port: number;
}

/** Throws with upstream's message if the service has no ready endpoint. */
export type EndpointResolver = (service: ServicePort) => ServiceEndpoint;

const routedTypes = ['ClusterIP', 'LoadBalancer', 'NodePort'];
export const serviceNameLabel = 'kubernetes.io/service-name';

export function endpointResolver(reader: ObjectReader, random: Random): EndpointResolver {
  return ({ namespace, name, port }) => {
    const service = readObject(reader, services, namespace, name);
    if (!service) throw notFound({ group: '', resource: 'service' }, name);
    const { type = 'ClusterIP', ports = [], externalName } = service.spec ?? {};
    if (type === 'ExternalName') return { host: externalName ?? '', port };
    if (!routedTypes.includes(type)) throw new Error(`unsupported service type "${type}"`);
    const servicePort = ports.find((candidate) => candidate.port === port);
    if (!servicePort) throw serviceUnavailable(`no service port ${port} found for service "${name}"`);
    for (const slice of slicesOf(reader, service, random)) {
      const found = readyEndpoint(slice, servicePort.name ?? '', random);
      if (found) return found;
    }
    throw serviceUnavailable(`no endpoints available for service "${name}"`);
  };
}

/** In random order, slices of the service's first address family first. */
function slicesOf(reader: ObjectReader, service: Service, random: Random): EndpointSlice[] {
  const { namespace = '', name } = service.metadata ?? {};
  const preferred = service.spec?.ipFamilies?.[0];
  return fromRandom(
    readObjects(reader, endpointSlices, namespace).filter(
      ({ metadata }) => metadata?.labels?.[serviceNameLabel] === name,
    ),
    random,
  ).sort((a, b) => Number(b.addressType === preferred) - Number(a.addressType === preferred));
}

function readyEndpoint(slice: EndpointSlice, portName: string, random: Random): ServiceEndpoint | undefined {
  const port = slice.ports?.find(
    (candidate) => candidate.port !== undefined && (candidate.name ?? '') === portName,
  );
  if (!port) return undefined;
  const ready = (slice.endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false);
  const [endpoint] = fromRandom(ready, random);
  return endpoint && { host: endpoint.addresses[0]!, port: port.port! };
}

/** All elements in their order, rotated to begin at a random one. */
function fromRandom<T>(all: readonly T[], random: Random): T[] {
  const start = Math.floor(random.float() * all.length);
  return [...all.slice(start), ...all.slice(0, start)];
}
