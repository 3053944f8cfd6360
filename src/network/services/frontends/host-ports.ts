/** The host ports of pods as frontends with one backend. */

import type { ContainerPort, Pod } from '#api/generated/types.gen.ts';
import { isPodTerminal } from '#api/pods/state.ts';
import { type Family, type Frontend, ipsOf, protocolOf } from './frontend.ts';

const everyAddress = { 4: '0.0.0.0', 6: '::' } as const;

export function hasHostPorts(pod: Pod): boolean {
  return portsOf(pod).some(({ hostPort }) => hostPort);
}

/** None for a pod that has ended, and for a pod in the network of its node. */
export function hostPortFrontends(pod: Pod, families: readonly Family[]): Frontend[] {
  if (isPodTerminal(pod) || pod.spec?.hostNetwork) return [];
  const podIps = pod.status?.podIPs?.map(({ ip = '' }) => ip) ?? [pod.status?.podIP ?? ''];
  return families.flatMap((family) => {
    const [ip] = ipsOf(family, podIps);
    if (!ip) return [];
    return portsOf(pod)
      .filter(({ hostPort }) => hostPort)
      .flatMap((port) => frontendOf(pod, port, family, ip) ?? []);
  });
}

function portsOf({ spec }: Pod): ContainerPort[] {
  const containers = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])];
  return containers.flatMap((container) => container.ports ?? []);
}

/** Undefined for a host address of the other family. `hostIP` 0.0.0.0 and :: mean every address of the node. */
function frontendOf(pod: Pod, port: ContainerPort, family: Family, ip: string): Frontend | undefined {
  const hostPort = port.hostPort ?? 0;
  const protocol = protocolOf(port.protocol);
  const [hostIp] = ipsOf(family, [port.hostIP || everyAddress[family]]);
  if (hostIp === undefined) return undefined;
  const backends = [{ ip, port: port.containerPort }];
  return {
    id: `${pod.metadata?.namespace}/${pod.metadata?.name}/${protocol}/${hostPort}`,
    family,
    protocol,
    port: hostPort,
    clusterIps: [],
    ...(hostIp === everyAddress[family]
      ? { externalIps: [], nodePort: hostPort }
      : { externalIps: [hostIp] }),
    backends,
    externalBackends: backends,
    anyBackends: backends,
    keepsSource: true,
    servingBackends: backends,
    hairpinIps: [ip],
  };
}
