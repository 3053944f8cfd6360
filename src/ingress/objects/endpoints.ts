/** The endpoints that a port of a Service has now: the ready ones, or those that still serve when none is ready. */

import type { EndpointSlice, Service, ServicePort } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import type { Endpoint } from '../model/model.ts';

export interface PortReference {
  readonly name?: string;
  readonly number?: number;
}

/** Undefined when the Service has no such port. */
export function servicePort(service: Service, { name, number }: PortReference): ServicePort | undefined {
  return service.spec?.ports?.find((port) => (name ? port.name === name : port.port === number));
}

/** In the order of their addresses, each once. */
export function endpointsOf(slices: readonly Stored<EndpointSlice>[], port: ServicePort): Endpoint[] {
  const ready = new Map<string, Endpoint>();
  const serving = new Map<string, Endpoint>();
  for (const slice of slices) {
    if (slice.addressType === 'FQDN') continue;
    const number = slice.ports?.find(({ name }) => (name ?? '') === (port.name ?? ''))?.port;
    if (number === undefined) continue;
    for (const { addresses, conditions = {} } of slice.endpoints ?? []) {
      const address = addresses[0];
      if (address === undefined) continue;
      const isReady = conditions.ready !== false;
      if (isReady) ready.set(address, { address, port: number });
      else if (conditions.serving) serving.set(address, { address, port: number });
    }
  }
  const chosen = ready.size > 0 ? ready : serving;
  return [...chosen.values()].toSorted((a, b) => (a.address < b.address ? -1 : 1));
}
