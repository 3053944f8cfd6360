/** A port of the node goes to one pod only. */

import type { ContainerPort } from '#api/generated/types.gen.ts';
import { initContainers, isSidecar, type NodePod } from '../pod/pod.ts';
import { failedPredicate, type Rejection } from './rejection.ts';

export function takenPort(pod: NodePod, others: readonly NodePod[]): Rejection | undefined {
  const taken = others.flatMap(hostPorts);
  const clashes = hostPorts(pod).some((one) => taken.some((other) => clash(one, other)));
  if (!clashes) return undefined;
  return failedPredicate('NodePorts', "node(s) didn't have free ports for the requested pod ports");
}

function hostPorts(pod: NodePod): ContainerPort[] {
  const containers = [...pod.spec.containers, ...initContainers(pod).filter(isSidecar)];
  return containers.flatMap((one) => one.ports ?? []).filter((port) => port.hostPort);
}

function clash(a: ContainerPort, b: ContainerPort): boolean {
  if (a.hostPort !== b.hostPort || (a.protocol ?? 'TCP') !== (b.protocol ?? 'TCP')) return false;
  const everywhere = (ip: string | undefined) => !ip || ip === '0.0.0.0';
  return everywhere(a.hostIP) || everywhere(b.hostIP) || a.hostIP === b.hostIP;
}
