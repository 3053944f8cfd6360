/**
 * local: a directory or a disk of this machine behind a PersistentVolume. A directory is bound into the pod's
 * place; a disk is formatted when it is blank, mounted once for all pods, and bound from there.
 */

import type { LocalVolumeSource } from '#api/generated/types.gen.ts';
import { groupOf, kindOf, listDirectory, removeEmptyDirectory } from '#host/files/files.ts';
import { isMounted, unmountUnder } from '#host/kernel/mounts.ts';
import { bindDirectory, growFileSystem, mountDisk } from '#host/kernel/volume-mounts.ts';
import { setOwnership } from '../ownership.ts';
import {
  type FoundVolume,
  isBlock,
  isReadOnly,
  NotMountable,
  pluginDir,
  removeMountPoint,
  type VolumeContext,
  type VolumePlaces,
  type VolumePlugin,
  volumeDir,
  volumeName,
} from '../volume.ts';

const pluginName = 'local-volume';

export const localVolume: VolumePlugin = {
  name: pluginName,
  claimField: 'local',
  async setUp(context, volume) {
    const source = sourceOf(context);
    if (isBlock(context)) return source.path;
    const onDisk = await isDisk(source);
    const from = onDisk ? diskMount(context, volumeName(context, volume)) : source.path;
    const dir = volumeDir(context, pluginName, { name: volumeName(context, volume) });
    const readOnly = isReadOnly(volume);
    const { mountOptions = [] } = context.claimed!.volume.spec;
    if (await isMounted(dir)) return dir;
    const isShared = await othersUse(context, volumeName(context, volume));
    if (isShared) await warnOfGroup(context, from);
    await bindDirectory(from, dir, [...(readOnly ? ['ro'] : []), ...(onDisk ? [] : mountOptions)]);
    if (!readOnly && !isShared) await ownedOrUnmounted(context, dir);
    return dir;
  },
  async find({ volumesDir, pluginsDir }) {
    const dir = pluginDir(volumesDir, pluginName);
    const disks = new Set(await listDirectory(disksDir({ pluginsDir })));
    return (await listDirectory(dir)).map(
      (name): FoundVolume => ({ name, path: `${dir}/${name}`, ...(disks.has(name) ? { device: name } : {}) }),
    );
  },
  tearDown: removeMountPoint,
  devices: {
    async deviceOf(context, volume) {
      if (isBlock(context)) return undefined;
      return (await isDisk(sourceOf(context))) ? volumeName(context, volume) : undefined;
    },
    async mount(context, volume, name) {
      const { path, fsType } = sourceOf(context);
      const { mountOptions = [] } = context.claimed!.volume.spec;
      const options = [...(isReadOnly(volume) ? ['ro'] : []), ...mountOptions];
      await mountDisk(path, diskMount(context, name), fsType, options);
    },
    find: (places) => listDirectory(disksDir(places)),
    async unmount(places, name) {
      await unmountUnder(diskMount(places, name));
      await removeEmptyDirectory(diskMount(places, name));
    },
  },
  async expand(context, volume) {
    const source = sourceOf(context);
    if (isBlock(context) || !(await isDisk(source))) return;
    await growFileSystem(source.path, diskMount(context, volumeName(context, volume)));
  },
};

/** Whether another pod of the node has the volume already: its files then belong to that pod's group. */
async function othersUse({ podsDir, pod }: VolumeContext, name: string): Promise<boolean> {
  const others = (await listDirectory(podsDir)).filter((uid) => uid !== pod.metadata.uid);
  const kinds = others.map((uid) =>
    kindOf(volumeDir({ volumesDir: `${podsDir}/${uid}/volumes` }, pluginName, { name })),
  );
  return (await Promise.all(kinds)).includes('directory');
}

/** A mount that stays would be taken for a volume whose files have their group. */
async function ownedOrUnmounted(context: VolumeContext, dir: string): Promise<void> {
  try {
    await setOwnership(context, dir, false);
  } catch (error) {
    await unmountUnder(dir);
    throw error;
  }
}

async function warnOfGroup({ pod, claimed, record }: VolumeContext, path: string): Promise<void> {
  const { fsGroup } = pod.spec.securityContext ?? {};
  const group = await groupOf(path);
  if (fsGroup === undefined || fsGroup === group) return;
  const has = `the volume ${claimed!.volume.metadata.name} has GID ${group}`;
  const message = `The requested fsGroup is ${fsGroup}, but ${has}. The volume may not be shareable.`;
  record('Warning', 'AlreadyMountedVolume', message);
}

function disksDir({ pluginsDir }: Pick<VolumePlaces, 'pluginsDir'>): string {
  return `${pluginsDir}/kubernetes.io/${pluginName}/mounts`;
}

function diskMount(places: Pick<VolumePlaces, 'pluginsDir'>, name: string): string {
  return `${disksDir(places)}/${name}`;
}

function sourceOf({ claimed }: VolumeContext): LocalVolumeSource {
  const source = claimed!.volume.spec.local!;
  if (source.path.split('/').includes('..')) {
    throw new Error(`invalid path: ${source.path} must not contain '..'`);
  }
  return source;
}

async function isDisk({ path }: LocalVolumeSource): Promise<boolean> {
  const kind = await kindOf(path);
  if (kind === undefined) throw new NotMountable(`path "${path}" does not exist`);
  if (kind !== 'directory' && kind !== 'blockDevice') {
    throw new NotMountable('only directory and block device are supported');
  }
  return kind === 'blockDevice';
}
