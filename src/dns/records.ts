/**
 * Resolves names of the cluster as the Kubernetes DNS specification (1.1.0) says: pure, from a view of
 * services, endpoints and pods.
 *
 *   service.ns.svc.zone A cluster IP; the ready endpoints of a headless service
 *   _port._proto.service.ns.svc.zone SRV port and target
 *   hostname.service.ns.svc.zone A one endpoint of a service
 *   a-b-c-d.ns.pod.zone A a.b.c.d
 *   d.c.b.a.in-addr.arpa PTR the service, or the endpoint in each service where it has a hostname
 *   zone SOA, NS; dns-version.zone TXT; ns.dns.zone A the DNS service
 */

import type { Endpoint, EndpointSlice, Service } from '#api/generated/types.gen.ts';

export type DnsRecord =
  | { readonly type: 'A'; readonly name: string; readonly address: string }
  | { readonly type: 'CNAME'; readonly name: string; readonly target: string }
  | { readonly type: 'PTR'; readonly name: string; readonly target: string }
  | { readonly type: 'NS'; readonly name: string; readonly target: string }
  | { readonly type: 'TXT'; readonly name: string; readonly text: string }
  | { readonly type: 'SOA'; readonly name: string }
  | { readonly type: 'SRV'; readonly name: string; readonly target: string; readonly port: number };

export interface DnsView {
  service(namespace: string, name: string): Service | undefined;
  slices(namespace: string, service: string): readonly EndpointSlice[];
  namespaceExists(namespace: string): boolean;
  /** Services with this cluster IP. */
  serviceByIp(ip: string): Service | undefined;
  /** EndpointSlices that contain this address. */
  slicesByIp(ip: string): readonly EndpointSlice[];
}

/**
 * `records` is empty when the name exists with no record of that type; undefined when there is no such name.
 */
export type Answer = { readonly records: DnsRecord[]; readonly extra: DnsRecord[] } | undefined;

/** Version of the specification that the names follow. */
const specVersion = '1.1.0';

const nothing: Answer = { records: [], extra: [] };

/** `name` in lower case without the trailing dot, below `zone`. */
export function answerName(view: DnsView, zone: string, name: string, type: string): Answer {
  if (name === zone) return zoneAnswer(view, zone, type);
  const labels = name.slice(0, -zone.length - 1).split('.');
  const kind = labels.pop();
  if (kind === 'pod') return podAnswer(view, name, labels, type);
  if (kind === 'svc') return serviceAnswer(view, zone, name, labels, type);
  if (name === `dns-version.${zone}`) {
    return { records: type === 'TXT' ? [{ type: 'TXT', name, text: specVersion }] : [], extra: [] };
  }
  if (name === `dns.${zone}`) return nothing;
  if (name === `ns.dns.${zone}`) return { records: type === 'A' ? nameServer(view, zone) : [], extra: [] };
  return undefined;
}

function zoneAnswer(view: DnsView, zone: string, type: string): Answer {
  if (type === 'SOA') return { records: [{ type, name: zone }], extra: [] };
  if (type !== 'NS') return nothing;
  return { records: [{ type, name: zone, target: `ns.dns.${zone}` }], extra: nameServer(view, zone) };
}

function nameServer(view: DnsView, zone: string): DnsRecord[] {
  const { clusterIPs = [] } = view.service('kube-system', 'kube-dns')?.spec ?? {};
  return clusterIPs.filter(isIPv4).map((address) => ({ type: 'A', name: `ns.dns.${zone}`, address }));
}

/**
 * `ip` in normal order. Undefined when the cluster has no name for it: as in CoreDNS, an endpoint has one
 * only in services that give it a hostname, so that a pod is not named after every service that selects it.
 */
export function answerReverse(view: DnsView, zone: string, name: string, ip: string): Answer {
  const service = view.serviceByIp(ip);
  if (service) {
    return { records: [{ type: 'PTR', name, target: serviceName(service, zone) }], extra: [] };
  }
  const targets = new Set(view.slicesByIp(ip).flatMap((slice) => endpointNames(slice, zone, ip)));
  if (targets.size === 0) return undefined;
  return { records: [...targets].map((target) => ({ type: 'PTR', name, target })), extra: [] };
}

/** The names of the ready endpoints with this address in their service. */
function endpointNames({ metadata, endpoints }: EndpointSlice, zone: string, ip: string): string[] {
  const owner = metadata?.labels?.['kubernetes.io/service-name'];
  if (!owner) return [];
  return (endpoints ?? [])
    .filter((endpoint) => endpoint.hostname && isReady(endpoint) && endpoint.addresses.includes(ip))
    .map(({ hostname }) => `${hostname}.${owner}.${metadata.namespace}.svc.${zone}`);
}

function podAnswer(view: DnsView, name: string, labels: readonly string[], type: string): Answer {
  const [host, namespace] = labels.length === 2 ? labels : [undefined, labels[0]];
  if (labels.length > 2 || namespace === undefined || !view.namespaceExists(namespace)) return undefined;
  if (host === undefined) return nothing;
  if (!isAddress(host.split('-'))) return undefined;
  return type === 'A'
    ? { records: [{ type: 'A', name, address: host.replaceAll('-', '.') }], extra: [] }
    : nothing;
}

function serviceAnswer(
  view: DnsView,
  zone: string,
  name: string,
  labels: readonly string[],
  type: string,
): Answer {
  const namespace = labels.at(-1);
  if (namespace === undefined) return nothing;
  if (!view.namespaceExists(namespace)) return undefined;
  if (labels.length === 1) return nothing;
  const service = view.service(namespace, labels.at(-2) ?? '');
  if (!service) return undefined;
  const target = service.spec?.externalName;
  if (service.spec?.type === 'ExternalName' && target) {
    if (labels.length !== 2) return undefined;
    return type === 'PTR' ? nothing : { records: [{ type: 'CNAME', name, target }], extra: [] };
  }
  const before = labels.slice(0, -2);
  const headless = service.spec?.clusterIP === 'None';
  if (before.length === 0) {
    const answer = headless
      ? headlessAnswer(view, service, name, type)
      : clusterIpAnswer(service, name, type);
    return answer && type === 'SRV'
      ? (srvAnswer(view, zone, service, name, undefined, type) ?? answer)
      : answer;
  }
  const [first = '', second] = before;
  if (before.length === 2 && first.startsWith('_') && second?.startsWith('_')) {
    const wanted = { port: first.slice(1), protocol: second.slice(1) };
    return srvAnswer(view, zone, service, name, wanted, type);
  }
  return before.length === 1 ? hostAnswer(view, service, name, first, type) : undefined;
}

function clusterIpAnswer(service: Service, name: string, type: string): Answer {
  const ips = (service.spec?.clusterIPs ?? []).filter(isIPv4);
  return type === 'A'
    ? { records: ips.map((address) => ({ type: 'A', name, address })), extra: [] }
    : nothing;
}

function headlessAnswer(view: DnsView, service: Service, name: string, type: string): Answer {
  const found = endpointsOf(view, service);
  // A headless service without a ready endpoint has no name at all (CoreDNS answers NXDOMAIN).
  if (found.length === 0) return undefined;
  if (type !== 'A') return nothing;
  const addresses = new Set(found.flatMap(({ endpoint }) => endpoint.addresses));
  return { records: [...addresses].map((address) => ({ type: 'A', name, address })), extra: [] };
}

function hostAnswer(view: DnsView, service: Service, name: string, host: string, type: string): Answer {
  const addresses = new Set(
    endpointsOf(view, service).flatMap(({ endpoint }) =>
      endpoint.addresses.filter((address) => hostLabel(endpoint, address) === host),
    ),
  );
  if (addresses.size === 0) return undefined;
  return type === 'A'
    ? { records: [...addresses].map((address) => ({ type: 'A', name, address })), extra: [] }
    : nothing;
}

/** Without `wanted` it answers with all ports, as CoreDNS does for the service's own name. */
function srvAnswer(
  view: DnsView,
  zone: string,
  service: Service,
  name: string,
  wanted: { port: string; protocol: string } | undefined,
  type: string,
): Answer {
  const own = serviceName(service, zone);
  const records: DnsRecord[] = [];
  const extra: DnsRecord[] = [];
  if (service.spec?.clusterIP !== 'None') {
    for (const port of service.spec?.ports ?? []) {
      if (!isWanted(port, wanted)) continue;
      records.push({ type: 'SRV', name, target: own, port: port.port });
    }
    for (const address of (service.spec?.clusterIPs ?? []).filter(isIPv4)) {
      extra.push({ type: 'A', name: own, address });
    }
  } else {
    for (const { endpoint, slice } of endpointsOf(view, service)) {
      for (const port of slice.ports ?? []) {
        if (!isWanted(port, wanted) || port.port === undefined) continue;
        for (const address of endpoint.addresses) {
          const target = `${hostLabel(endpoint, address)}.${own}`;
          records.push({ type: 'SRV', name, target, port: port.port });
          extra.push({ type: 'A', name: target, address });
        }
      }
    }
  }
  if (records.length === 0) return undefined;
  return type === 'SRV' ? { records, extra } : nothing;
}

function isWanted(
  port: { name?: string; protocol?: string },
  wanted: { port: string; protocol: string } | undefined,
): boolean {
  if (!wanted) return true;
  return port.name === wanted.port && (port.protocol ?? 'TCP').toLowerCase() === wanted.protocol;
}

function endpointsOf(view: DnsView, service: Service): { endpoint: Endpoint; slice: EndpointSlice }[] {
  const slices = view.slices(service.metadata?.namespace ?? '', service.metadata?.name ?? '');
  return slices
    .filter((slice) => slice.addressType === 'IPv4')
    .flatMap((slice) => (slice.endpoints ?? []).map((endpoint) => ({ endpoint, slice })))
    .filter(({ endpoint }) => isReady(endpoint));
}

function isReady({ conditions }: Endpoint): boolean {
  return conditions?.ready !== false;
}

function hostLabel(endpoint: Endpoint, address: string): string {
  return endpoint.hostname ?? address.replaceAll('.', '-');
}

function serviceName(service: Service, zone: string): string {
  return `${service.metadata?.name}.${service.metadata?.namespace}.svc.${zone}`;
}

function isIPv4(ip: string): boolean {
  return isAddress(ip.split('.'));
}

function isAddress(parts: readonly string[]): boolean {
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256);
}
