/** Whether the service of an APIService can be reached, by its ports and EndpointSlices. */

import { endpointSlices, services } from '#api/generated/kinds.gen.ts';
import type { APIServiceCondition, EndpointSlice } from '#api/generated/types.gen.ts';
import type { ObjectReader } from '../contract/stored-objects.ts';
import { readObject, readObjects } from '../contract/typed-reader.ts';
import { type ServicePort, serviceNameLabel } from '../outgoing/service-endpoint.ts';

export type Availability = Pick<APIServiceCondition, 'status' | 'reason' | 'message'>;

export const passed: Availability = { status: 'True', reason: 'Passed', message: 'all checks passed' };

export function failed(reason: string, message: string): Availability {
  return { status: 'False', reason, message };
}

/** Undefined for a service that has endpoints: then a discovery request decides. */
export function serviceFailure(reader: ObjectReader, { namespace, name, port }: ServicePort) {
  const at = `service/${name} in ${JSON.stringify(namespace)}`;
  const service = readObject(reader, services, namespace, name);
  if (!service) return failed('ServiceNotFound', `${at} is not present`);
  if ((service.spec?.type ?? 'ClusterIP') !== 'ClusterIP') return undefined;
  const servicePort = service.spec?.ports?.find((candidate) => candidate.port === port);
  if (!servicePort) return failed('ServicePortError', `${at} is not listening on port ${port}`);
  const slices = readObjects(reader, endpointSlices, namespace).filter(
    ({ metadata }) => metadata?.labels?.[serviceNameLabel] === name,
  );
  if (slices.length === 0) return failed('EndpointsNotFound', `cannot find endpointslices for ${at}`);
  const portName = servicePort.name ?? '';
  if (slices.some((slice) => isReady(slice, portName))) return undefined;
  const text = `endpointslices for ${at} have no addresses with port name ${JSON.stringify(portName)}`;
  return failed('MissingEndpoints', text);
}

function isReady({ endpoints, ports }: EndpointSlice, portName: string): boolean {
  const hasReady = (endpoints ?? []).some(({ conditions }) => conditions?.ready !== false);
  return hasReady && (ports ?? []).some(({ name, port }) => (name ?? '') === portName && port !== undefined);
}
