/**
 * Puts the edits of CDI devices into a container's configuration, for a runtime that cannot do it itself. What the
 * container runtime interface has no field for is an error that names it: a container must not run with half of its
 * device. Pure. Upstream: `InjectDevices` of tags.cncf.io/container-device-interface.
 */

import type { ContainerConfig, ContainerDevice, ContainerMount } from '../../runtime/runtime-config.ts';
import type { CdiDeviceNode, CdiEdits, CdiMount } from './spec.ts';
import type { CdiDevices, FoundDevice } from './spec-files.ts';

/** What the error messages advise. */
const needs = 'needs a container runtime with CDI, such as containerd 2.0';

/** Throws when a device is unknown, or one of its edits cannot be made. */
export function withCdiDevices(config: ContainerConfig, { byName, problems }: CdiDevices): ContainerConfig {
  const names = config.CDIDevices.map(({ name }) => name);
  const unresolved = names.filter((name) => !byName.has(name));
  if (unresolved.length > 0) {
    const details = problems.length > 0 ? `: ${problems.join('; ')}` : '';
    throw new Error(
      `CDI device injection failed: unresolvable CDI devices ${unresolved.join(', ')}${details}`,
    );
  }
  const found = names.map((name) => [name, byName.get(name)!] as const);
  try {
    return editsOf(found).reduce(withEdits, { ...config, CDIDevices: [] });
  } catch (error) {
    throw new Error(`CDI device injection failed: failed to inject devices: ${(error as Error).message}`);
  }
}

interface NamedEdits {
  /** Of the device that the container gets by them. */
  readonly name: string;
  readonly edits: CdiEdits;
}

/** The edits of a specification come once, before those of the first of its devices. */
function editsOf(found: readonly (readonly [name: string, found: FoundDevice])[]): NamedEdits[] {
  const seen = new Set<object>();
  return found.flatMap(([name, { spec, device }]) => {
    const own = { name, edits: device.containerEdits };
    if (seen.has(spec)) return [own];
    seen.add(spec);
    return [{ name, edits: spec.containerEdits ?? {} }, own];
  });
}

function withEdits(config: ContainerConfig, { name, edits }: NamedEdits): ContainerConfig {
  const hook = edits.hooks?.[0];
  if (hook) throw new Error(`device ${name} has the hook ${hook.hookName} (${hook.path}), which ${needs}`);
  if (edits.intelRdt) throw new Error(`device ${name} has an Intel RDT class, which ${needs}`);
  return {
    ...config,
    envs: (edits.env ?? []).reduce(withVariable, config.envs),
    devices: (edits.deviceNodes ?? []).map((node) => deviceOf(name, node)).reduce(replacing, config.devices),
    mounts: (edits.mounts ?? []).map((mount) => mountOf(name, mount)).reduce(replacing, config.mounts),
    linux: withGroups(config.linux, edits.additionalGids ?? []),
  };
}

/** The device's value wins over the pod's. */
function withVariable(envs: ContainerConfig['envs'], text: string): ContainerConfig['envs'] {
  const at = text.indexOf('=');
  const variable = { key: text.slice(0, at), value: text.slice(at + 1) };
  return [...envs.filter(({ key }) => key !== variable.key), variable];
}

function replacing<T extends { containerPath: string }>(list: readonly T[], added: T): T[] {
  return [...list.filter(({ containerPath }) => containerPath !== added.containerPath), added];
}

function deviceOf(name: string, node: CdiDeviceNode): ContainerDevice {
  const { path, hostPath = path, permissions = 'rwm' } = node;
  for (const field of ['fileMode', 'uid', 'gid'] as const) {
    if (node[field] === undefined) continue;
    throw new Error(`device ${name} sets ${field} of the device node ${path}, which ${needs}`);
  }
  return { containerPath: path, hostPath: hostPath || path, permissions: permissions || 'rwm' };
}

const propagations: Readonly<Record<string, ContainerMount['propagation']>> = {
  private: 'PROPAGATION_PRIVATE',
  rprivate: 'PROPAGATION_PRIVATE',
  slave: 'PROPAGATION_HOST_TO_CONTAINER',
  rslave: 'PROPAGATION_HOST_TO_CONTAINER',
  shared: 'PROPAGATION_BIDIRECTIONAL',
  rshared: 'PROPAGATION_BIDIRECTIONAL',
};
const plainOptions = ['ro', 'rw', 'bind', 'rbind'];

function mountOf(
  name: string,
  { hostPath, containerPath, options = [], type = '' }: CdiMount,
): ContainerMount {
  if (!['', 'bind', 'none'].includes(type)) {
    throw new Error(`device ${name} has a mount of type ${type} at ${containerPath}, which ${needs}`);
  }
  const other = options.find((option) => !plainOptions.includes(option) && !propagations[option]);
  if (other !== undefined) {
    throw new Error(`device ${name} has the mount option ${other} at ${containerPath}, which ${needs}`);
  }
  const propagation = options.map((option) => propagations[option]).findLast((found) => found !== undefined);
  return {
    containerPath,
    hostPath,
    readonly: options.includes('ro'),
    propagation: propagation ?? 'PROPAGATION_PRIVATE',
  };
}

function withGroups(linux: ContainerConfig['linux'], gids: readonly number[]): ContainerConfig['linux'] {
  const { securityContext } = linux;
  const groups = new Set([...securityContext.supplementalGroups, ...gids.filter((gid) => gid !== 0)]);
  return { ...linux, securityContext: { ...securityContext, supplementalGroups: [...groups] } };
}
