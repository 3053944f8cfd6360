/** A port of the node goes to one pod only. */

import { HostPorts, hostPortsOf } from '#api/pods/host-ports.ts';
import type { NodePod } from '../pod/pod.ts';
import { failedPredicate, type Rejection } from './rejection.ts';

export function takenPort(pod: NodePod, others: readonly NodePod[]): Rejection | undefined {
  const wanted = hostPortsOf(pod);
  if (wanted.length === 0) return undefined;
  const taken = new HostPorts();
  for (const port of others.flatMap(hostPortsOf)) taken.add(port);
  if (!wanted.some((port) => taken.conflicts(port))) return undefined;
  return failedPredicate('NodePorts', "node(s) didn't have free ports for the requested pod ports");
}
