/**
 * Only kernel settings that are the pod's own and harmless to others may be set by it, and those that the node's
 * configuration allows besides.
 */

import {
  type AllowedSysctl,
  dottedSysctl,
  namespaceOfSysctl,
} from '#api/configuration/kubelet/unsafe-sysctls.ts';
import type { NodePod } from '../pod/pod.ts';
import { type Rejection, rejection } from './rejection.ts';

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

export function unsafeSysctl(pod: NodePod, allowed: readonly AllowedSysctl[] = []): Rejection | undefined {
  const { hostNetwork, hostIPC, securityContext } = pod.spec;
  for (const { name: given } of securityContext?.sysctls ?? []) {
    const name = dottedSysctl(given);
    const isAllowed = safeSysctls.has(name) || allowed.some((entry) => allows(entry, name));
    const namespace = namespaceOfSysctl(name);
    const isOfHost = (namespace === 'net' && hostNetwork) || (namespace === 'ipc' && hostIPC);
    if (isAllowed && !isOfHost) continue;
    const why = isAllowed ? `not allowed with host ${namespace} enabled` : 'not allowlisted';
    return rejection('SysctlForbidden', `forbidden sysctl: "${name}" ${why}`);
  }
  return undefined;
}

function allows({ name, isPrefix }: AllowedSysctl, wanted: string): boolean {
  return isPrefix ? wanted.startsWith(name) : wanted === name;
}
