/**
 * The service proxy's model of the API: one frontend per service port (or host port of a pod), with the
 * backends that it may use from this node. Backends are selected as kube-proxy does: ready ones, limited to
 * this node or zone when hints ask for it; if there are none, terminating ones that still serve.
 */

import type { Endpoint, EndpointSlice, Pod, Service, ServicePort } from '#api/generated/types.gen.ts';
import { isPodTerminal } from '#api/pods/state.ts';
import { parseCidr, parseIp } from '#api/values/ip.ts';

export type Protocol = 'tcp' | 'udp' | 'sctp';

export interface Backend {
  readonly ip: string;
  readonly port: number;
}

export interface Frontend {
  /** Unique: `default/web:http`; for a host port `default/pod/80`. */
  readonly id: string;
  readonly protocol: Protocol;
  readonly port: number;
  /** Addresses reached from inside: cluster IPs. */
  readonly clusterIps: readonly string[];
  /** Addresses reached from outside: externalIPs and load balancer addresses. */
  readonly externalIps: readonly string[];
  /** The part of `externalIps` that only `sourceRanges` may reach. */
  readonly guardedIps?: readonly string[];
  readonly sourceRanges?: readonly string[];
  readonly nodePort?: number;
  /** Seconds a client sticks to a backend; undefined without ClientIP affinity. */
  readonly affinitySeconds?: number;
  /** Backends for cluster IPs. */
  readonly backends: readonly Backend[];
  /** Backends for node ports and external addresses; the same list unless externalTrafficPolicy is Local. */
  readonly externalBackends: readonly Backend[];
  /**
   * Backends regardless of traffic policies: for pods and programs of this node that use an external address.
   */
  readonly anyBackends: readonly Backend[];
  /** externalTrafficPolicy Local preserves the client's address. */
  readonly keepsSource: boolean;
  /** Backends to which existing flows may continue. */
  readonly servingBackends: readonly Backend[];
}

/** A node's name and zone, for topology hints. */
export interface Place {
  readonly nodeName: string;
  readonly zone: string;
}

/** A service with this label belongs to another proxy. */
const proxyNameLabel = 'service.kubernetes.io/service-proxy-name';
/** EndpointSlices with this label are for DNS only. */
const headlessLabel = 'service.kubernetes.io/headless';

/** The frontends of one service; none for headless and ExternalName. `slices` are those of this service. */
export function serviceFrontends(
  service: Service,
  slices: readonly EndpointSlice[],
  place: Place,
): Frontend[] {
  const spec = service.spec ?? {};
  if (spec.type === 'ExternalName' || !spec.clusterIP || spec.clusterIP === 'None') return [];
  if (service.metadata?.labels?.[proxyNameLabel] !== undefined) return [];
  const id = `${service.metadata?.namespace}/${service.metadata?.name}`;
  const sticky = spec.sessionAffinity === 'ClientIP';
  const affinitySeconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800;
  const balanced = loadBalancerIps(service);
  const sourceRanges = ipv4Ranges(spec.loadBalancerSourceRanges ?? []);
  const keepsSource = spec.externalTrafficPolicy === 'Local';
  return (spec.ports ?? []).map((port) => {
    const all = candidatesOf(port, slices);
    const local = all.filter((candidate) => candidate.endpoint.nodeName === place.nodeName);
    const near = usable(all, (candidates) => hinted(candidates, place));
    return {
      id: `${id}:${port.name ?? ''}`,
      protocol: protocolOf(port.protocol),
      port: port.port,
      clusterIps: ipv4s(spec.clusterIPs ?? [spec.clusterIP ?? '']),
      externalIps: ipv4s([...(spec.externalIPs ?? []), ...balanced]),
      ...(sourceRanges.length > 0 ? { guardedIps: ipv4s(balanced), sourceRanges } : {}),
      ...(port.nodePort ? { nodePort: port.nodePort } : {}),
      ...(sticky ? { affinitySeconds } : {}),
      backends: spec.internalTrafficPolicy === 'Local' ? usable(local) : near,
      externalBackends: keepsSource ? usable(local) : near,
      anyBackends: near,
      keepsSource,
      servingBackends: sorted(all.filter(({ endpoint }) => endpoint.conditions?.serving !== false)),
    };
  });
}

/** The host ports of a running pod on this node, as frontends with one backend. */
export function hostPortFrontends(pod: Pod): Frontend[] {
  const [ip] = ipv4s([pod.status?.podIP ?? '']);
  if (!ip || isPodTerminal(pod) || pod.spec?.hostNetwork) return [];
  const containers = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])];
  const ports = containers.flatMap((container) => container.ports ?? []);
  return ports
    .filter(({ hostPort, hostIP }) => hostPort && (!hostIP || ipv4s([hostIP]).length > 0))
    .map((port) => {
      const backends = [{ ip, port: port.containerPort }];
      const protocol = protocolOf(port.protocol);
      const [hostIp = '0.0.0.0'] = ipv4s([port.hostIP ?? '']);
      const onAllAddresses = hostIp === '0.0.0.0';
      return {
        id: `${pod.metadata?.namespace}/${pod.metadata?.name}/${protocol}/${port.hostPort}`,
        protocol,
        port: port.hostPort ?? 0,
        clusterIps: onAllAddresses ? [] : [hostIp],
        externalIps: [],
        ...(onAllAddresses ? { nodePort: port.hostPort ?? 0 } : {}),
        backends,
        externalBackends: backends,
        anyBackends: backends,
        keepsSource: true,
        servingBackends: backends,
      };
    });
}

interface Candidate extends Backend {
  readonly endpoint: Endpoint;
}

function candidatesOf(port: ServicePort, slices: readonly EndpointSlice[]): Candidate[] {
  const found = new Map<string, Candidate>();
  for (const slice of slices.filter(isProxied)) {
    const match = (slice.ports ?? []).find(
      (servicePort) =>
        (servicePort.name ?? '') === (port.name ?? '') &&
        (servicePort.protocol ?? 'TCP') === (port.protocol ?? 'TCP'),
    );
    if (match?.port === undefined) continue;
    for (const endpoint of slice.endpoints ?? []) {
      const [ip] = ipv4s(endpoint.addresses?.slice(0, 1) ?? []);
      if (ip) found.set(`${ip}:${match.port}`, { ip, port: match.port, endpoint });
    }
  }
  return [...found.values()];
}

/** A pod counts once, however many ports it serves. */
export function readyAddressesHere(slices: readonly EndpointSlice[], nodeName: string): Set<string> {
  const endpoints = slices.filter(isProxied).flatMap((slice) => slice.endpoints ?? []);
  const here = endpoints.filter((endpoint) => endpoint.nodeName === nodeName && isReady(endpoint));
  return new Set(here.flatMap(({ addresses = [] }) => ipv4s(addresses.slice(0, 1))));
}

function isProxied({ addressType, metadata }: EndpointSlice): boolean {
  return addressType === 'IPv4' && metadata?.labels?.[headlessLabel] === undefined;
}

function isReady({ conditions }: Endpoint): boolean {
  return conditions?.ready !== false;
}

/**
 * Ready endpoints, limited by policy and hints; if there are none, terminating ones that still serve
 * (KEP-1669).
 */
function usable(
  candidates: readonly Candidate[],
  narrow: (ready: readonly Candidate[]) => readonly Candidate[] = (ready) => ready,
): Backend[] {
  const ready = narrow(candidates.filter(({ endpoint }) => isReady(endpoint)));
  return sorted(ready.length > 0 ? ready : candidates.filter(servesWhileTerminating));
}

function servesWhileTerminating({ endpoint: { conditions = {} } }: Candidate): boolean {
  return conditions.serving === true && conditions.terminating === true;
}

/**
 * Hints count only when every endpoint has one and some match this node: otherwise traffic could be lost or
 * pile up.
 */
function hinted(ready: readonly Candidate[], { nodeName, zone }: Place): readonly Candidate[] {
  for (const [kind, here] of [
    ['forNodes', nodeName],
    ['forZones', zone],
  ] as const) {
    if (!ready.every(({ endpoint }) => (endpoint.hints?.[kind]?.length ?? 0) > 0)) continue;
    const ours = ready.filter(({ endpoint }) => endpoint.hints?.[kind]?.some(({ name }) => name === here));
    if (ours.length > 0) return ours;
  }
  return ready;
}

function sorted(candidates: readonly Candidate[]): Backend[] {
  return candidates
    .map(({ ip, port }) => ({ ip, port }))
    .sort((a, b) => (a.ip === b.ip ? a.port - b.port : a.ip < b.ip ? -1 : 1));
}

/** Addresses with ipMode VIP; with ipMode Proxy the load balancer sends to the nodes itself. */
function loadBalancerIps(service: Service): string[] {
  return (service.status?.loadBalancer?.ingress ?? []).flatMap(({ ip, ipMode }) =>
    ip && ipMode !== 'Proxy' ? [ip] : [],
  );
}

function protocolOf(protocol: string | undefined): Protocol {
  return (protocol ?? 'TCP').toLowerCase() as Protocol;
}

/**
 * In canonical form. The table is written in one transaction: a single address that nft rejects would fail it
 * for all services.
 */
function ipv4s(texts: readonly string[]): string[] {
  return texts.flatMap((text) => {
    const ip = parseIp(text);
    return ip?.family === 4 ? [ip.bytes.join('.')] : [];
  });
}

function ipv4Ranges(texts: readonly string[]): string[] {
  return texts.flatMap((text) => {
    const range = parseCidr(text.trim());
    return range?.ip.family === 4 ? [`${range.ip.bytes.join('.')}/${range.prefixBits}`] : [];
  });
}
