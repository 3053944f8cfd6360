/** The addresses and ports behind a service's name, as CoreDNS's `kubernetes` plugin finds them. */

import type { Endpoint, Service } from '#api/generated/types.gen.ts';
import { clusterIps, type ZoneView } from './view.ts';

/** An address of a name: of a service, or of one of its endpoints. */
export interface Backend {
  readonly ip: string;
  /** Undefined: the service or slice has no ports, so that there is no SRV record. */
  readonly port: number | undefined;
  /** Label of the endpoint, before the service's name. Undefined: the service's own. */
  readonly host: string | undefined;
}

/** What a name says before the service's. Empty strings match everything. */
export interface Wanted {
  readonly endpoint: string;
  readonly port: string;
  readonly protocol: string;
}

interface Port {
  readonly name?: string;
  readonly protocol?: string;
  readonly port?: number;
}

const withoutPort: readonly Port[] = [{}];

/** Undefined: the name does not exist. */
export function backendsOf(view: ZoneView, service: Service, wanted: Wanted): Backend[] | undefined {
  const isHeadless = service.spec?.clusterIP === 'None';
  const backends =
    isHeadless || wanted.endpoint !== ''
      ? endpointBackends(view, service, wanted)
      : portsOf(service.spec?.ports, wanted).flatMap(({ port }) =>
          clusterIps(service).map((ip) => ({ ip, port, host: undefined })),
        );
  return backends.length > 0 ? backends : undefined;
}

function endpointBackends(view: ZoneView, { metadata }: Service, wanted: Wanted): Backend[] {
  const backends: Backend[] = [];
  for (const slice of view.slices(metadata?.namespace ?? '', metadata?.name ?? '')) {
    const ports = portsOf(slice.ports, wanted);
    for (const endpoint of slice.endpoints ?? []) {
      if (!isReady(endpoint)) continue;
      for (const ip of endpoint.addresses) {
        const host = hostLabel(endpoint, ip);
        if (wanted.endpoint !== '' && host.toLowerCase() !== wanted.endpoint) continue;
        for (const { port } of ports) backends.push({ ip, port, host });
      }
    }
  }
  return backends;
}

function portsOf(ports: readonly Port[] | null | undefined, wanted: Wanted): readonly Port[] {
  return (ports?.length ? ports : withoutPort).filter(
    ({ name = '', protocol = '' }) =>
      (wanted.port === '' || name.toLowerCase() === wanted.port) &&
      (wanted.protocol === '' || protocol.toLowerCase() === wanted.protocol),
  );
}

/** An unknown state counts as ready, as in the API. */
export function isReady({ conditions }: Endpoint): boolean {
  return conditions?.ready !== false;
}

/** The endpoint's hostname, else its address with dashes; no label ends with one. */
export function hostLabel({ hostname }: Endpoint, ip: string): string {
  if (hostname) return hostname;
  const label = ip.replaceAll(/[.:]/g, '-');
  return label.endsWith('-') ? `${label}0` : label;
}
