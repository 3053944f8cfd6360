/**
 * Refuses pods that this node cannot run, whoever bound them to it: too little left, ports that are taken, unsafe
 * kernel settings, what the runtime does not know.
 */

import { podQosClass } from '#api/pod-qos.ts';
import { quantityMilliValue, quantityValue } from '#api/quantity.ts';
import type { ContainerPort } from '#api/types.gen.ts';
import type { Pressure } from './node-pressure.ts';
import { initContainers, isSidecar, type NodePod } from './pod.ts';
import { podRequests } from './resources.ts';

export interface Rejection {
  readonly reason: string;
  readonly message: string;
}

const systemCriticalPriority = 2_000_000_000;

/** Namespaced in the kernel, and harmless to others: the only ones a pod may set. */
const safeSysctls = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_wmem',
]);

/** `others` are the pods that take room on the node. */
export function admitPod(
  pod: NodePod,
  others: readonly NodePod[],
  allocatable: Record<string, string>,
  pressures: ReadonlySet<Pressure> = new Set(),
): Rejection | undefined {
  return (
    underPressure(pod, pressures) ??
    unsafeSysctl(pod) ??
    strictGroups(pod) ??
    tooLittleLeft(pod, others, allocatable) ??
    takenPort(pod, others)
  );
}

/** Why a running pod cannot be given the resources of its resized spec: never on this node, or not beside the others. */
export function resizeRefusal(
  pod: NodePod,
  others: readonly NodePod[],
  allocatable: Record<string, string>,
): Rejection | undefined {
  const { cpu, memory } = podRequests(pod);
  const offered = offeredBy(allocatable);
  for (const [name, requested] of [
    ['cpu', cpu],
    ['memory', memory],
  ] as const) {
    if (requested <= offered[name]) continue;
    const numbers = `requested: ${requested}, capacity: ${offered[name]}`;
    return { reason: 'Infeasible', message: `Node didn't have enough capacity: ${name}, ${numbers}` };
  }
  const refused = tooLittleLeft(pod, others, allocatable);
  return refused && { reason: 'Deferred', message: refused.message.replace(/^Pod was rejected: /, '') };
}

function offeredBy(allocatable: Record<string, string>): { cpu: number; memory: number } {
  return { cpu: quantityMilliValue(allocatable['cpu']), memory: quantityValue(allocatable['memory']) };
}

/** What runs already was admitted once, perhaps by an earlier life of this kubelet. */
export function isNew(pod: NodePod): boolean {
  const { status, metadata } = pod;
  return !metadata.deletionTimestamp && !status?.startTime && (status?.phase ?? 'Pending') === 'Pending';
}

function unsafeSysctl(pod: NodePod): Rejection | undefined {
  for (const { name } of pod.spec.securityContext?.sysctls ?? []) {
    const dotted = name.replaceAll('/', '.');
    const why = !safeSysctls.has(dotted)
      ? 'not allowlisted'
      : dotted.startsWith('net.') && pod.spec.hostNetwork
        ? 'not allowed with host net enabled'
        : dotted.startsWith('kernel.shm') && pod.spec.hostIPC
          ? 'not allowed with host ipc enabled'
          : undefined;
    if (why) return rejection('SysctlForbidden', `forbidden sysctl: "${name}" ${why}`);
  }
  return undefined;
}

/** A full disk takes no new pod, short memory only such as said how much they need or tolerate it. */
function underPressure(pod: NodePod, pressures: ReadonlySet<Pressure>): Rejection | undefined {
  if ((pod.spec.priority ?? 0) >= systemCriticalPriority) return undefined;
  const memory =
    pressures.has('MemoryPressure') && podQosClass(pod) === 'BestEffort' && !bearsMemoryPressure(pod);
  if (!memory && !pressures.has('DiskPressure')) return undefined;
  return rejection('Evicted', `The node had condition: [${[...pressures].join(' ')}]. `);
}

function bearsMemoryPressure({ spec }: NodePod): boolean {
  const key = 'node.kubernetes.io/memory-pressure';
  return (spec.tolerations ?? []).some(
    (one) =>
      (one.key === key || (!one.key && one.operator === 'Exists')) &&
      (!one.effect || one.effect === 'NoSchedule'),
  );
}

/** The distribution's containerd always adds the groups that the image's own file names. */
function strictGroups(pod: NodePod): Rejection | undefined {
  if (pod.spec.securityContext?.supplementalGroupsPolicy !== 'Strict') return undefined;
  const message = 'SupplementalGroupsPolicy=Strict is not supported in this node';
  return rejection('SupplementalGroupsPolicyNotSupported', message);
}

function takenPort(pod: NodePod, others: readonly NodePod[]): Rejection | undefined {
  const taken = others.flatMap(hostPorts);
  const clashes = hostPorts(pod).some((one) => taken.some((other) => clash(one, other)));
  if (!clashes) return undefined;
  const message = "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports";
  return rejection('NodePorts', message);
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

function rejection(reason: string, message: string): Rejection {
  return { reason, message: `Pod was rejected: ${message}` };
}

function tooLittleLeft(
  pod: NodePod,
  others: readonly NodePod[],
  allocatable: Record<string, string>,
): Rejection | undefined {
  const offered = offeredBy(allocatable);
  const podsMax = Number(allocatable['pods'] ?? Number.POSITIVE_INFINITY);
  if (others.length + 1 > podsMax) return outOf('pods', 1, others.length, podsMax);
  const wanted = podRequests(pod);
  for (const name of ['cpu', 'memory'] as const) {
    if (wanted[name] === 0) continue;
    const used = others.reduce((sum, one) => sum + podRequests(one)[name], 0);
    if (used + wanted[name] > offered[name]) return outOf(name, wanted[name], used, offered[name]);
  }
  return undefined;
}

function outOf(name: string, requested: number, used: number, capacity: number): Rejection {
  const numbers = `requested: ${requested}, used: ${used}, capacity: ${capacity}`;
  return rejection(`OutOf${name}`, `Node didn't have enough resource: ${name}, ${numbers}`);
}
