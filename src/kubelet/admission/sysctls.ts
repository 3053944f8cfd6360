/** Only kernel settings that are the pod's own and harmless to others may be set by it. */

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

export function unsafeSysctl(pod: NodePod): Rejection | undefined {
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
