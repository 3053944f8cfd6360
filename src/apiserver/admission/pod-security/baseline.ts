/** The checks of the `baseline` standard: nothing that is known to lead out of a container. */

import type { LifecycleHandler, Probe } from '#api/generated/types.gen.ts';
import type { AnyContainer } from '#api/pods/containers.ts';
import {
  addedCapabilities,
  badContainers,
  badSetters,
  type Check,
  containerNames,
  containersOf,
  contextsOf,
  distinct,
  named,
  plural,
  quoted,
  usesVerb,
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
export const hostNamespaces: Check = (spec) => {
  const shared = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((field) => spec[field]);
  if (shared.length === 0) return undefined;
  return { reason: 'host namespaces', detail: shared.map((field) => `${field}=true`).join(', ') };
};

export const hostPathVolumes: Check = (spec) => {
  const names = (spec.volumes ?? []).filter((volume) => volume.hostPath).map((volume) => volume.name);
  return names.length === 0 ? undefined : { reason: 'hostPath volumes', detail: named('volume', names) };
};

export const hostPorts: Check = (spec) => {
  const portsOf = ({ ports }: AnyContainer) => (ports ?? []).flatMap(({ hostPort }) => hostPort || []);
  const names = containerNames(spec, (container) => portsOf(container).length > 0);
  if (names.length === 0) return undefined;
  const used = distinct(containersOf(spec).flatMap(portsOf).map(String));
  const ports = `${plural('hostPort', used.length)} ${used.join(', ')}`;
  return { reason: 'hostPort', detail: `${named('container', names)} ${usesVerb(names)} ${ports}` };
};

/** Probes and hooks that the kubelet would send to another host than the pod. */
export const hostProbes: Check = (spec) => {
  const names = distinct(containerNames(spec, (container) => probedHosts(container).length > 0));
  if (names.length === 0) return undefined;
  const reason = 'probe or lifecycle host';
  const hosts = named(reason, distinct(containersOf(spec).flatMap(probedHosts)));
  return { reason, detail: `${named('container', names)} ${usesVerb(names)} ${hosts}` };
};

function probedHosts(container: AnyContainer): string[] {
  const { livenessProbe, readinessProbe, startupProbe, lifecycle } = container;
  const handlers: (Probe | LifecycleHandler | undefined)[] = [
    livenessProbe,
    readinessProbe,
    startupProbe,
    lifecycle?.postStart,
    lifecycle?.preStop,
  ];
  return handlers.flatMap((handler) => [handler?.httpGet?.host || [], handler?.tcpSocket?.host || []].flat());
}

export const privileged: Check = (spec) =>
  badContainers(
    spec,
    'privileged',
    'must not set securityContext.privileged=true',
    (container) => container.securityContext?.privileged === true,
  );

export const procMount: Check = (spec) => {
  const typeOf = (container: AnyContainer) => container.securityContext?.procMount ?? 'Default';
  const isBad = (container: AnyContainer) => typeOf(container) !== 'Default';
  const types = distinct(containersOf(spec).filter(isBad).map(typeOf));
  const what = `must not set securityContext.procMount to ${quoted(types)}`;
  return badContainers(spec, 'procMount', what, isBad);
};

export function seLinux(allowedTypes: ReadonlySet<string>): Check {
  const isBadType = (type = '') => !allowedTypes.has(type);
  return (spec) => {
    const setters = badSetters(spec, ({ seLinuxOptions: options }) =>
      Boolean(options && (isBadType(options.type) || options.user || options.role)),
    );
    if (setters === undefined) return undefined;
    const all = contextsOf(spec).flatMap(({ seLinuxOptions }) => seLinuxOptions ?? []);
    const types = distinct(all.map(({ type = '' }) => type).filter(isBadType));
    const problems = [
      ...(types.length > 0 ? [named('type', types)] : []),
      ...(all.some(({ user }) => user) ? ['user may not be set'] : []),
      ...(all.some(({ role }) => role) ? ['role may not be set'] : []),
    ];
    const detail = `${setters} set forbidden securityContext.seLinuxOptions: ${problems.join('; ')}`;
    return { reason: 'seLinuxOptions', detail };
  };
}

export function sysctls(allowed: ReadonlySet<string>): Check {
  return (spec) => {
    const names = (spec.securityContext?.sysctls ?? []).map(({ name }) => name);
    const forbidden = names.filter((name) => !allowed.has(name));
    return forbidden.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: forbidden.join(', ') };
  };
}

export const windowsHostProcess: Check = (spec) => {
  const setters = badSetters(spec, ({ windowsOptions }) => windowsOptions?.hostProcess === true);
  if (setters === undefined) return undefined;
  return {
    reason: 'hostProcess',
    detail: `${setters} must not set securityContext.windowsOptions.hostProcess=true`,
  };
};

export const capabilitiesBaseline: Check = (spec) => {
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

const seccompTypes = ['Localhost', 'RuntimeDefault'];

export const seccompBaseline: Check = (spec) => {
  const isBadType = (type: string) => !seccompTypes.includes(type);
  const setters = badSetters(spec, ({ seccompProfile }) =>
    Boolean(seccompProfile && isBadType(seccompProfile.type)),
  );
  if (setters === undefined) return undefined;
  const types = contextsOf(spec).flatMap(({ seccompProfile }) => seccompProfile?.type ?? []);
  const bad = quoted(distinct(types.filter(isBadType)));
  const detail = `${setters} must not set securityContext.seccompProfile.type to ${bad}`;
  return { reason: 'seccompProfile', detail };
};

const seccompAnnotation = 'seccomp.security.alpha.kubernetes.io/pod';
const seccompContainerPrefix = 'container.seccomp.security.alpha.kubernetes.io/';

/** Before 1.19 profiles were annotations. */
export const seccompAnnotations: Check = (spec, { metadata }) => {
  const isBad = (value: string) =>
    value !== 'runtime/default' && value !== 'docker/default' && !value.startsWith('localhost/');
  const keys = [
    seccompAnnotation,
    ...containersOf(spec).map(({ name }) => `${seccompContainerPrefix}${name}`),
  ];
  const bad = keys.flatMap((key) => {
    const value = metadata?.annotations?.[key];
    return value !== undefined && isBad(value) ? [`${key}=${JSON.stringify(value)}`] : [];
  });
  if (bad.length === 0) return undefined;
  const detail = `forbidden ${plural('annotation', bad.length)} ${distinct(bad).join(', ')}`;
  return { reason: 'seccompProfile', detail };
};

const appArmorTypes = ['RuntimeDefault', 'Localhost'];
const appArmorPrefix = 'container.apparmor.security.beta.kubernetes.io/';

export const appArmor: Check = (spec, { metadata }) => {
  const isBadType = (type: string) => !appArmorTypes.includes(type);
  const setters = badSetters(spec, ({ appArmorProfile }) =>
    Boolean(appArmorProfile && isBadType(appArmorProfile.type)),
  );
  const types = contextsOf(spec).flatMap(({ appArmorProfile }) => appArmorProfile?.type ?? []);
  const annotations = Object.entries(metadata?.annotations ?? {})
    .filter(([key, value]) => key.startsWith(appArmorPrefix) && isBadAnnotation(value))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  const who = [
    ...(setters === undefined ? [] : [setters]),
    ...(annotations.length > 0 ? [plural('annotation', annotations.length)] : []),
  ];
  if (who.length === 0) return undefined;
  const bad = [...distinct(types.filter(isBadType)), ...annotations.sort()];
  return {
    reason: plural('forbidden AppArmor profile', bad.length),
    detail: `${who.join(' and ')} must not set AppArmor profile type to ${quoted(bad)}`,
  };
};

function isBadAnnotation(value: string): boolean {
  return value !== '' && value !== 'runtime/default' && !value.startsWith('localhost/');
}
