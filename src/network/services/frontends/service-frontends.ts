/**
 * Services as frontends: one for each port and address family, with the backends that it may use from this
 * node. Upstream: `pkg/proxy/serviceport.go`, `endpointslicecache.go`.
 */

import type { EndpointSlice, Service, ServicePort } from '#api/generated/types.gen.ts';
import { type Candidate, hinted, isReady, sorted, usable } from './backends.ts';
import { type Family, type Frontend, ipsOf, type Place, protocolOf, rangesOf } from './frontend.ts';

/** Another proxy serves what has this label. */
const proxyNameLabel = 'service.kubernetes.io/service-proxy-name';
/** What has this label is for DNS only. */
const headlessLabel = 'service.kubernetes.io/headless';

/** The frontends of one service; none for headless and ExternalName. `slices` are those of this service. */
export function serviceFrontends(
  service: Service,
  slices: readonly EndpointSlice[],
  place: Place,
  families: readonly Family[],
): Frontend[] {
  const { type, clusterIP, ports = [] } = service.spec ?? {};
  if (type === 'ExternalName' || !clusterIP || clusterIP === 'None' || !isProxied(service)) return [];
  return families.flatMap((family) => {
    const addresses = addressesOf(service, family);
    // As upstream: without a cluster IP of the family, external addresses of it do not count either.
    if (addresses.clusterIps.length === 0) return [];
    const own = slices.filter((slice) => isProxied(slice) && slice.addressType === `IPv${family}`);
    return ports.map((port) => frontendOf(service, port, { ...addresses, family }, own, place));
  });
}

type Addresses = Pick<Frontend, 'clusterIps' | 'externalIps' | 'guardedIps' | 'sourceRanges'>;

function addressesOf({ spec = {}, status }: Service, family: Family): Addresses {
  const balanced = ipsOf(family, loadBalancerIps(status));
  const ranges = rangesOf(family, spec.loadBalancerSourceRanges ?? []);
  // A range of all addresses allows what no range allows; ranges of the other family guard nothing here.
  const isGuarded = ranges.length > 0 && !ranges.some((range) => range.endsWith('/0'));
  return {
    clusterIps: ipsOf(family, spec.clusterIPs ?? [spec.clusterIP ?? '']),
    externalIps: [...ipsOf(family, spec.externalIPs ?? []), ...balanced],
    ...(isGuarded ? { guardedIps: balanced, sourceRanges: ranges } : {}),
  };
}

function frontendOf(
  { metadata, spec = {} }: Service,
  port: ServicePort,
  addresses: Addresses & { readonly family: Family },
  slices: readonly EndpointSlice[],
  place: Place,
): Frontend {
  const all = candidatesOf(port, slices, addresses.family);
  const local = all.filter(({ endpoint }) => endpoint.nodeName === place.nodeName);
  const near = usable(all, (candidates) => hinted(candidates, place));
  const keepsSource = spec.externalTrafficPolicy === 'Local';
  const affinitySeconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800;
  return {
    ...addresses,
    id: `${metadata?.namespace}/${metadata?.name}:${port.name ?? ''}`,
    protocol: protocolOf(port.protocol),
    port: port.port,
    ...(port.nodePort ? { nodePort: port.nodePort } : {}),
    ...(spec.sessionAffinity === 'ClientIP' ? { affinitySeconds } : {}),
    backends: spec.internalTrafficPolicy === 'Local' ? usable(local) : near,
    externalBackends: keepsSource ? usable(local) : near,
    anyBackends: near,
    keepsSource,
    servingBackends: sorted(all.filter(({ endpoint }) => endpoint.conditions?.serving !== false)),
    hairpinIps: all
      .filter(({ endpoint: { nodeName } }) => nodeName === undefined || nodeName === place.nodeName)
      .map(({ ip }) => ip),
  };
}

/** An address in two slices counts once: the pod that runs now rather than the one that ends. */
function candidatesOf(port: ServicePort, slices: readonly EndpointSlice[], family: Family): Candidate[] {
  const found = new Map<string, Candidate>();
  for (const slice of slices) {
    const [ports, endpoints] = [slice.ports ?? [], slice.endpoints ?? []];
    const number = ports.find(
      ({ name = '', protocol = 'TCP' }) =>
        name === (port.name ?? '') && protocol === (port.protocol ?? 'TCP'),
    )?.port;
    if (!number) continue;
    for (const endpoint of endpoints) {
      const [ip] = ipsOf(family, endpoint.addresses?.slice(0, 1) ?? []);
      const key = `${ip}:${number}`;
      if (ip && !(found.has(key) && endpoint.conditions?.terminating)) {
        found.set(key, { ip, port: number, endpoint });
      }
    }
  }
  return [...found.values()];
}

/** Addresses of ready endpoints on this node. A pod counts once, however many ports it serves. */
export function readyAddressesHere(slices: readonly EndpointSlice[], nodeName: string): Set<string> {
  const endpoints = slices.filter(isProxied).flatMap((slice) => slice.endpoints ?? []);
  const here = endpoints.filter((endpoint) => endpoint.nodeName === nodeName && isReady(endpoint));
  return new Set(here.flatMap(({ addresses = [] }) => addresses.slice(0, 1)));
}

function isProxied({ metadata }: Service | EndpointSlice): boolean {
  const labels = metadata?.labels ?? {};
  return labels[headlessLabel] === undefined && labels[proxyNameLabel] === undefined;
}

/** Addresses with ipMode VIP; with ipMode Proxy the load balancer sends to the nodes itself. */
function loadBalancerIps(status: Service['status']): string[] {
  return (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, ipMode }) =>
    ip && ipMode !== 'Proxy' ? [ip] : [],
  );
}
