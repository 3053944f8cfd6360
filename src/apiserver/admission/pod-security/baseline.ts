/** The checks of the `baseline` standard: nothing that is known to lead out of a container. */

import {
  addedCapabilities,
  badContainers,
  type Check,
  containersOf,
  named,
  plural,
  quoted,
} from './check.ts';

const baselineCapabilities = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);
const safeSysctls = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ping_group_range',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.tcp_wmem',
]);
const seLinuxTypes = new Set([
  '',
  'container_t',
  'container_init_t',
  'container_kvm_t',
  'container_engine_t',
]);
const hostNamespaces: Check = (spec) => {
  const shared = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((field) => spec[field]);
  if (shared.length === 0) return undefined;
  return { reason: 'host namespaces', detail: shared.map((field) => `${field}=true`).join(', ') };
};

const hostPathVolumes: Check = (spec) => {
  const names = (spec.volumes ?? []).filter((volume) => volume.hostPath).map((volume) => volume.name);
  return names.length === 0 ? undefined : { reason: 'hostPath volumes', detail: named('volume', names) };
};

const hostPorts: Check = (spec) => {
  const bad = containersOf(spec).filter((container) => container.ports?.some((port) => port.hostPort));
  const used = bad.flatMap((container) => (container.ports ?? []).flatMap((port) => port.hostPort || []));
  if (bad.length === 0) return undefined;
  const names = bad.map((container) => container.name);
  const verb = bad.length === 1 ? 'uses' : 'use';
  return {
    reason: 'hostPort',
    detail: `${named('container', names)} ${verb} ${plural('hostPort', used.length)} ${[...new Set(used)].join(', ')}`,
  };
};

const privileged: Check = (spec) =>
  badContainers(
    spec,
    'privileged',
    'must not set securityContext.privileged=true',
    (container) => container.securityContext?.privileged === true,
  );

const procMount: Check = (spec) =>
  badContainers(
    spec,
    'procMount',
    'must not set securityContext.procMount to "Unmasked"',
    (container) => !['', 'Default'].includes(container.securityContext?.procMount ?? ''),
  );

const seLinux: Check = (spec) => {
  const isBad = (options?: { type?: string; user?: string; role?: string }) =>
    options !== undefined && (!seLinuxTypes.has(options.type ?? '') || !!options.user || !!options.role);
  const where: string[] = isBad(spec.securityContext?.seLinuxOptions) ? ['pod'] : [];
  const names = containersOf(spec)
    .filter((container) => isBad(container.securityContext?.seLinuxOptions))
    .map((container) => container.name);
  if (names.length > 0) where.push(named('container', names));
  if (where.length === 0) return undefined;
  return {
    reason: 'seLinuxOptions',
    detail: `${where.join(' and ')} set forbidden securityContext.seLinuxOptions`,
  };
};

const sysctls: Check = (spec) => {
  const names = (spec.securityContext?.sysctls ?? [])
    .map((container) => container.name)
    .filter((name) => !safeSysctls.has(name));
  return names.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: names.join(', ') };
};

const windowsHostProcess: Check = (spec) => {
  const isHost = (context?: { windowsOptions?: { hostProcess?: boolean } }) =>
    context?.windowsOptions?.hostProcess === true;
  const names = containersOf(spec)
    .filter((container) => isHost(container.securityContext))
    .map((container) => container.name);
  const where = [
    ...(isHost(spec.securityContext) ? ['pod'] : []),
    ...(names.length > 0 ? [named('container', names)] : []),
  ];
  if (where.length === 0) return undefined;
  const detail = `${where.join(' and ')} must not set securityContext.windowsOptions.hostProcess=true`;
  return { reason: 'hostProcess', detail };
};

const capabilitiesBaseline: Check = (spec) => {
  const isBad = (capability: string) => !baselineCapabilities.has(capability);
  const bad = containersOf(spec).filter((container) => addedCapabilities(container).some(isBad));
  if (bad.length === 0) return undefined;
  const names = [...new Set(bad.flatMap(addedCapabilities).filter(isBad))].sort();
  const who = named(
    'container',
    bad.map((container) => container.name),
  );
  const detail = `${who} must not include ${quoted(names)} in securityContext.capabilities.add`;
  return { reason: 'non-default capabilities', detail };
};

export const seccompBaseline: Check = (spec) => {
  const isBad = (context?: { seccompProfile?: { type: string } }) =>
    context?.seccompProfile?.type === 'Unconfined';
  const names = containersOf(spec)
    .filter((container) => isBad(container.securityContext))
    .map((container) => container.name);
  const where = [
    ...(isBad(spec.securityContext) ? ['pod'] : []),
    ...(names.length > 0 ? [named('container', names)] : []),
  ];
  if (where.length === 0) return undefined;
  const detail = `${where.join(' and ')} must not set securityContext.seccompProfile.type to "Unconfined"`;
  return { reason: 'seccompProfile', detail };
};

/** What both standards forbid. */
export const common: readonly Check[] = [
  hostNamespaces,
  hostPathVolumes,
  hostPorts,
  privileged,
  procMount,
  seLinux,
  sysctls,
  windowsHostProcess,
];
/** What `restricted` forbids more strictly. */
export const baselineOnly: readonly Check[] = [capabilitiesBaseline, seccompBaseline];
