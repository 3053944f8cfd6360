/** Refuses pods that this node cannot run, whoever bound them to it: too little left, or unsafe kernel settings. */

import { quantityMilliValue, quantityValue } from '#api/quantity.ts';
import type { NodePod } from './pod.ts';
import { podRequests } from './resources.ts';

export interface Rejection {
  readonly reason: string;
  readonly message: string;
}

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
): Rejection | undefined {
  return unsafeSysctl(pod) ?? tooLittleLeft(pod, others, allocatable);
}

/** What runs already was admitted once, perhaps by an earlier life of this kubelet. */
export function isNew(pod: NodePod): boolean {
  const { status, metadata } = pod;
  return !metadata.deletionTimestamp && !status?.startTime && (status?.phase ?? 'Pending') === 'Pending';
}

function unsafeSysctl(pod: NodePod): Rejection | undefined {
  for (const { name } of pod.spec.securityContext?.sysctls ?? []) {
    if (safeSysctls.has(name.replaceAll('/', '.'))) continue;
    return {
      reason: 'SysctlForbidden',
      message: `Pod was rejected: forbidden sysctl: "${name}" not allowlisted`,
    };
  }
  return undefined;
}

function tooLittleLeft(
  pod: NodePod,
  others: readonly NodePod[],
  allocatable: Record<string, string>,
): Rejection | undefined {
  const offered = {
    cpu: quantityMilliValue(allocatable['cpu']),
    memory: quantityValue(allocatable['memory']),
  };
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
  return {
    reason: `OutOf${name}`,
    message: `Pod was rejected: Node didn't have enough resource: ${name}, ${numbers}`,
  };
}
