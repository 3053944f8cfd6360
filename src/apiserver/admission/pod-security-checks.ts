/** The checks of the Pod Security Standards: what each finds wrong with a pod, in upstream's words and order. */

import type { Container, EphemeralContainer, Pod, PodSpec } from '#api/types.gen.ts';

export type Level = 'privileged' | 'baseline' | 'restricted';

export interface Violation {
  readonly reason: string;
  readonly detail: string;
}

type Check = (spec: PodSpec, pod: Pod) => Violation | undefined;
type AnyContainer = Container | EphemeralContainer;

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
const restrictedVolumes = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
]);

export function violations(level: Level, pod: Pod): Violation[] {
  if (level === 'privileged' || !pod.spec) return [];
  const checks = level === 'baseline' ? [...common, ...baselineOnly] : [...common, ...restrictedOnly];
  return checks.flatMap((check) => check(pod.spec!, pod) ?? []);
}

function containersOf(spec: PodSpec): AnyContainer[] {
  return [...spec.containers, ...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])];
}

const quoted = (names: readonly string[]) => names.map((name) => JSON.stringify(name)).join(', ');
const plural = (word: string, count: number) => (count === 1 ? word : `${word}s`);
const named = (word: string, names: readonly string[]) => `${plural(word, names.length)} ${quoted(names)}`;

/** Those containers that are bad, as one violation. */
function badContainers(
  spec: PodSpec,
  reason: string,
  what: string,
  isBad: (container: AnyContainer) => boolean,
): Violation | undefined {
  const names = containersOf(spec)
    .filter(isBad)
    .map((container) => container.name);
  return names.length === 0 ? undefined : { reason, detail: `${named('container', names)} ${what}` };
}

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
    .map((one) => one.name)
    .filter((name) => !safeSysctls.has(name));
  return names.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: names.join(', ') };
};

const windowsHostProcess: Check = (spec) => {
  const isHost = (context?: { windowsOptions?: { hostProcess?: boolean } }) =>
    context?.windowsOptions?.hostProcess === true;
  const names = containersOf(spec)
    .filter((one) => isHost(one.securityContext))
    .map((one) => one.name);
  const where = [
    ...(isHost(spec.securityContext) ? ['pod'] : []),
    ...(names.length > 0 ? [named('container', names)] : []),
  ];
  if (where.length === 0) return undefined;
  const detail = `${where.join(' and ')} must not set securityContext.windowsOptions.hostProcess=true`;
  return { reason: 'hostProcess', detail };
};

const addedCapabilities = (container: AnyContainer) => container.securityContext?.capabilities?.add ?? [];

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

const capabilitiesRestricted: Check = (spec) => {
  const details: string[] = [];
  const undropped = containersOf(spec).filter(
    (container) => !container.securityContext?.capabilities?.drop?.includes('ALL'),
  );
  if (undropped.length > 0) {
    const who = named(
      'container',
      undropped.map((container) => container.name),
    );
    details.push(`${who} must set securityContext.capabilities.drop=["ALL"]`);
  }
  const isBad = (capability: string) => capability !== 'NET_BIND_SERVICE';
  const adding = containersOf(spec).filter((container) => addedCapabilities(container).some(isBad));
  if (adding.length > 0) {
    const names = [...new Set(adding.flatMap(addedCapabilities).filter(isBad))].sort();
    const who = named(
      'container',
      adding.map((container) => container.name),
    );
    details.push(`${who} must not include ${quoted(names)} in securityContext.capabilities.add`);
  }
  return details.length === 0
    ? undefined
    : { reason: 'unrestricted capabilities', detail: details.join('; ') };
};

const seccompBaseline: Check = (spec) => {
  const isBad = (context?: { seccompProfile?: { type: string } }) =>
    context?.seccompProfile?.type === 'Unconfined';
  const names = containersOf(spec)
    .filter((one) => isBad(one.securityContext))
    .map((one) => one.name);
  const where = [
    ...(isBad(spec.securityContext) ? ['pod'] : []),
    ...(names.length > 0 ? [named('container', names)] : []),
  ];
  if (where.length === 0) return undefined;
  const detail = `${where.join(' and ')} must not set securityContext.seccompProfile.type to "Unconfined"`;
  return { reason: 'seccompProfile', detail };
};

const seccompRestricted: Check = (spec) => {
  const wrong = seccompBaseline(spec, {});
  if (wrong) return wrong;
  if (spec.securityContext?.seccompProfile?.type) return undefined;
  const names = containersOf(spec)
    .filter((one) => !one.securityContext?.seccompProfile?.type)
    .map((one) => one.name);
  if (names.length === 0) return undefined;
  const detail = `pod or ${named('container', names)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`;
  return { reason: 'seccompProfile', detail };
};

const volumeTypes: Check = (spec) => {
  const typeOf = (volume: object) => Object.keys(volume).find((key) => key !== 'name') ?? 'emptyDir';
  const bad = (spec.volumes ?? []).filter((volume) => !restrictedVolumes.has(typeOf(volume)));
  if (bad.length === 0) return undefined;
  const types = [...new Set(bad.map(typeOf))];
  const who = named(
    'volume',
    bad.map((volume) => volume.name),
  );
  const verb = bad.length === 1 ? 'uses' : 'use';
  const detail = `${who} ${verb} restricted volume ${plural('type', types.length)} ${quoted(types)}`;
  return { reason: 'restricted volume types', detail };
};

const privilegeEscalation: Check = (spec) =>
  badContainers(
    spec,
    'allowPrivilegeEscalation != false',
    'must set securityContext.allowPrivilegeEscalation=false',
    (container) => container.securityContext?.allowPrivilegeEscalation !== false,
  );

const runAsNonRoot: Check = (spec) => {
  const reason = 'runAsNonRoot != true';
  const set = containersOf(spec).filter((one) => one.securityContext?.runAsNonRoot === false);
  if (set.length > 0) {
    const who = named(
      'container',
      set.map((one) => one.name),
    );
    return { reason, detail: `${who} must not set securityContext.runAsNonRoot=false` };
  }
  const podValue = spec.securityContext?.runAsNonRoot;
  const open = containersOf(spec).filter((one) => one.securityContext?.runAsNonRoot === undefined);
  if (podValue === true || open.length === 0) return undefined;
  if (podValue === false) return { reason, detail: 'pod must not set securityContext.runAsNonRoot=false' };
  const who = named(
    'container',
    open.map((one) => one.name),
  );
  return { reason, detail: `pod or ${who} must set securityContext.runAsNonRoot=true` };
};

const runAsUser: Check = (spec) => {
  const names = containersOf(spec)
    .filter((one) => one.securityContext?.runAsUser === 0)
    .map((one) => one.name);
  const isPodRoot = spec.securityContext?.runAsUser === 0;
  const where = [...(isPodRoot ? ['pod'] : []), ...(names.length > 0 ? [named('container', names)] : [])];
  if (where.length === 0) return undefined;
  return { reason: 'runAsUser=0', detail: `${where.join(' and ')} must not set runAsUser=0` };
};

const common: readonly Check[] = [
  hostNamespaces,
  hostPathVolumes,
  hostPorts,
  privileged,
  procMount,
  seLinux,
  sysctls,
  windowsHostProcess,
];
const baselineOnly: readonly Check[] = [capabilitiesBaseline, seccompBaseline];
const restrictedOnly: readonly Check[] = [
  privilegeEscalation,
  capabilitiesRestricted,
  volumeTypes,
  runAsNonRoot,
  runAsUser,
  seccompRestricted,
];
