/**
 * What the service proxy has to know, taken from the API and nothing more: one frontend per service port (or host
 * port of a pod), with the backends that traffic may go to from this node.
 */

import type { EndpointSlice, Pod, Service, ServicePort } from '#api/types.gen.ts';

export type Protocol = 'tcp' | 'udp' | 'sctp';

export interface Backend {
  readonly ip: string;
  readonly port: number;
}

export interface Frontend {
  /** `default/web:http`, unique; also for a host port: `default/pod/80`. */
  readonly id: string;
  readonly protocol: Protocol;
  readonly port: number;
  /** Addresses reached from inside: cluster IPs. */
  readonly clusterIps: readonly string[];
  /** Addresses reached from outside: externalIPs and load balancer addresses. */
  readonly externalIps: readonly string[];
  readonly nodePort?: number;
  /** Seconds a client sticks to a backend; undefined without ClientIP affinity. */
  readonly affinitySeconds?: number;
  /** For cluster IPs. */
  readonly backends: readonly Backend[];
  /** For node ports and external addresses; the same list unless externalTrafficPolicy is Local. */
  readonly externalBackends: readonly Backend[];
  /** externalTrafficPolicy Local keeps the client's address. */
  readonly keepsSource: boolean;
}

/** The frontends of one service; none for headless and ExternalName. `slices` are those of this service. */
export function serviceFrontends(
  service: Service,
  slices: readonly EndpointSlice[],
  nodeName: string,
): Frontend[] {
  const spec = service.spec ?? {};
  if (spec.type === 'ExternalName' || !spec.clusterIP || spec.clusterIP === 'None') return [];
  const id = `${service.metadata?.namespace}/${service.metadata?.name}`;
  const sticky = spec.sessionAffinity === 'ClientIP';
  const affinitySeconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800;
  return (spec.ports ?? []).map((port) => {
    const all = backendsOf(port, slices);
    const local = all.filter((backend) => backend.nodeName === nodeName);
    const keepsSource = spec.externalTrafficPolicy === 'Local';
    return {
      id: `${id}:${port.name ?? ''}`,
      protocol: protocolOf(port.protocol),
      port: port.port,
      clusterIps: (spec.clusterIPs ?? [spec.clusterIP ?? '']).filter(isIPv4),
      externalIps: [...(spec.externalIPs ?? []), ...loadBalancerIps(service)].filter(isIPv4),
      ...(port.nodePort ? { nodePort: port.nodePort } : {}),
      ...(sticky ? { affinitySeconds } : {}),
      backends: usable(spec.internalTrafficPolicy === 'Local' ? local : all),
      externalBackends: usable(keepsSource ? local : all),
      keepsSource,
    };
  });
}

/** The host ports of a running pod on this node, as frontends with one backend. */
export function hostPortFrontends(pod: Pod): Frontend[] {
  const ip = pod.status?.podIP;
  const over = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
  if (!ip || over || pod.spec?.hostNetwork) return [];
  const ports = (pod.spec?.containers ?? []).flatMap((container) => container.ports ?? []);
  return ports
    .filter((port) => port.hostPort)
    .map((port) => {
      const backends = [{ ip, port: port.containerPort }];
      const protocol = protocolOf(port.protocol);
      const onAllAddresses = !port.hostIP || port.hostIP === '0.0.0.0';
      return {
        id: `${pod.metadata?.namespace}/${pod.metadata?.name}/${protocol}/${port.hostPort}`,
        protocol,
        port: port.hostPort ?? 0,
        clusterIps: onAllAddresses || !port.hostIP ? [] : [port.hostIP],
        externalIps: [],
        ...(onAllAddresses ? { nodePort: port.hostPort ?? 0 } : {}),
        backends,
        externalBackends: backends,
        keepsSource: true,
      };
    });
}

interface Candidate extends Backend {
  readonly nodeName: string | undefined;
  readonly ready: boolean;
  readonly servingWhileTerminating: boolean;
}

function backendsOf(port: ServicePort, slices: readonly EndpointSlice[]): Candidate[] {
  const found = new Map<string, Candidate>();
  for (const slice of slices) {
    if (slice.addressType !== 'IPv4') continue;
    const match = (slice.ports ?? []).find(
      (one) => (one.name ?? '') === (port.name ?? '') && (one.protocol ?? 'TCP') === (port.protocol ?? 'TCP'),
    );
    if (match?.port === undefined) continue;
    for (const endpoint of slice.endpoints ?? []) {
      const ip = endpoint.addresses?.[0];
      if (!ip) continue;
      const conditions = endpoint.conditions ?? {};
      found.set(`${ip}:${match.port}`, {
        ip,
        port: match.port,
        nodeName: endpoint.nodeName,
        ready: conditions.ready !== false,
        servingWhileTerminating: conditions.serving === true && conditions.terminating === true,
      });
    }
  }
  return [...found.values()];
}

/** Ready ones; when there are none, those that still serve while they terminate (as kube-proxy, KEP-1669). */
function usable(candidates: readonly Candidate[]): Backend[] {
  const ready = candidates.filter((one) => one.ready);
  const chosen = ready.length > 0 ? ready : candidates.filter((one) => one.servingWhileTerminating);
  return chosen
    .map(({ ip, port }) => ({ ip, port }))
    .sort((a, b) => (a.ip === b.ip ? a.port - b.port : a.ip < b.ip ? -1 : 1));
}

function loadBalancerIps(service: Service): string[] {
  return (service.status?.loadBalancer?.ingress ?? []).flatMap((ingress) => (ingress.ip ? [ingress.ip] : []));
}

function protocolOf(protocol: string | undefined): Protocol {
  return (protocol ?? 'TCP').toLowerCase() as Protocol;
}

function isIPv4(ip: string): boolean {
  return ip !== '' && !ip.includes(':');
}
