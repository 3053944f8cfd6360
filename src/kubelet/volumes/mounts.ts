/**
 * Where a container sees its volumes. A part of a volume is bound to a place of our own before the runtime
 * gets to see it: by its name in the volume, a container that shares the volume could put a link to anywhere
 * between our look and its.
 */

import type { VolumeMount } from '#api/generated/types.gen.ts';
import { ownValue } from '#base/own-value.ts';
import { openInside } from '#host/files/inside.ts';
import { propagationAt } from '#host/kernel/mount-propagation.ts';
import { bindOpened } from '#host/kernel/mounts.ts';
import { ContainerConfigError, ContainerCreateError } from '../config/env-vars.ts';
import { expand } from '../config/expansion.ts';
import type { ContainerPlace } from '../runtime/machine.ts';
import type { ContainerDevice, ContainerMount } from '../runtime/runtime-config.ts';
import type { PodVolume } from './volume.ts';

const propagations: Record<string, ContainerMount['propagation']> = {
  HostToContainer: 'PROPAGATION_HOST_TO_CONTAINER',
  Bidirectional: 'PROPAGATION_BIDIRECTIONAL',
};

export async function volumeMounts(
  place: ContainerPlace,
  volumes: ReadonlyMap<string, PodVolume>,
  subPathsDir: string,
): Promise<ContainerMount[]> {
  const mounts: ContainerMount[] = [];
  for (const [index, mount] of (place.container.volumeMounts ?? []).entries()) {
    refuseRecursion(mount);
    const volume = volumes.get(mount.name);
    if (volume === undefined) throw new ContainerConfigError(`volume "${mount.name}" is not mounted`);
    const subPath = mount.subPathExpr ? expandAll(mount.subPathExpr, place.variables) : (mount.subPath ?? '');
    const target = `${subPathsDir}/${mount.name}/${place.container.name}/${index}`;
    const { path } = volume;
    const hostPath = subPath === '' ? path : await bindSubPath(place, path, mount.name, subPath, target);
    await refusePrivate(mount, hostPath);
    mounts.push({
      containerPath: mount.mountPath.startsWith('/') ? mount.mountPath : `/${mount.mountPath}`,
      hostPath,
      readonly: mount.readOnly === true || volume.readOnly,
      propagation: ownValue(propagations, mount.mountPropagation ?? '') ?? 'PROPAGATION_PRIVATE',
    });
  }
  return mounts;
}

/** Block devices of claims, where containers find them. */
export function volumeDevices(
  { container }: Pick<ContainerPlace, 'container'>,
  volumes: ReadonlyMap<string, PodVolume>,
): ContainerDevice[] {
  return (container.volumeDevices ?? []).map(({ name, devicePath }) => {
    const volume = volumes.get(name);
    if (!volume?.isBlock) throw new ContainerConfigError(`volume "${name}" is not mapped`);
    return { containerPath: devicePath, hostPath: volume.path, permissions: volume.readOnly ? 'r' : 'mrw' };
  });
}

/** The runtime's own message, and what helps. */
async function refusePrivate({ mountPropagation: wanted }: VolumeMount, hostPath: string): Promise<void> {
  if (wanted !== 'Bidirectional' && wanted !== 'HostToContainer') return;
  const { mountPoint, shared, slave } = await propagationAt(hostPath);
  if (shared || (slave && wanted === 'HostToContainer')) return;
  const what = wanted === 'Bidirectional' ? 'a shared mount' : 'a shared or slave mount';
  const help = `mountPropagation ${wanted} needs one: run "mount --make-rshared ${mountPoint}" on the node`;
  throw new ContainerCreateError(
    `failed to generate spec: path "${hostPath}" is mounted on "${mountPoint}" but it is not ${what}; ${help}`,
  );
}

/**
 * The runtime makes only the mount itself read-only, not what is mounted below it. `IfPossible` is content
 * with that.
 */
function refuseRecursion({ name, recursiveReadOnly }: VolumeMount): void {
  if (recursiveReadOnly !== 'Enabled') return;
  const why = `volume "${name}" requested recursive read-only mode, but it is not supported by the runtime`;
  throw new ContainerConfigError(`failed to resolve recursive read-only mode: ${why}`);
}

/** Here, unlike in commands, an unknown or empty variable is an error. */
function expandAll(text: string, variables: ReadonlyMap<string, string>): string {
  const missing = new Set<string>();
  const expanded = expand(text, (name) => {
    const value = variables.get(name);
    if (!value) missing.add(name);
    return value;
  });
  if (missing.size > 0) throw new ContainerConfigError(`missing value for ${[...missing].sort().join(', ')}`);
  return expanded;
}

async function bindSubPath(
  { container }: ContainerPlace,
  volume: string,
  volumeName: string,
  subPath: string,
  target: string,
): Promise<string> {
  const refuse = (why: string) =>
    new ContainerConfigError(
      `failed to prepare subPath for volumeMount "${volumeName}" of container "${container.name}"${why}`,
    );
  if (subPath.startsWith('/') || subPath.split('/').includes('..')) {
    throw refuse(`: subPath "${subPath}" must stay inside its volume`);
  }
  const opened = await openInside(volume, subPath).catch(() => {
    throw refuse('');
  });
  try {
    await bindOpened(opened, target);
  } finally {
    await opened.close();
  }
  return target;
}
