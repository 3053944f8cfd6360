/** emptyDir: a directory that lives as long as the pod, on disk, in memory or in huge pages. */

import { startedContainers } from '#api/pods/containers.ts';
import { quantityValue } from '#api/values/quantity.ts';
import { ensureDirectory, kindOf, listDirectory } from '#host/files/files.ts';
import { giveToGroup } from '#host/files/give-to-group.ts';
import { mountHugePages, mountTmpfs } from '#host/kernel/mounts.ts';
import { podResources } from '../decide/resources.ts';
import type { NodePod } from '../pod/pod.ts';
import { pluginDir, removeUnmounted, type VolumeContext, type VolumePlugin, volumeDir } from './volume.ts';

const pluginName = 'empty-dir';
const hugePages = 'HugePages';
const hugePagesResource = 'hugepages-';

export const emptyDirVolume: VolumePlugin = {
  name: pluginName,
  field: 'emptyDir',
  async setUp(context, volume) {
    const { medium = '', sizeLimit } = volume.emptyDir!;
    if (medium !== '' && medium !== 'Memory' && !medium.startsWith(hugePages)) {
      throw new Error(`unknown storage medium "${medium}"`);
    }
    const dir = volumeDir(context, pluginName, volume);
    const isNew = (await kindOf(dir)) === undefined;
    await ensureDirectory(dir, 0o777);
    if (medium === 'Memory') {
      await mountTmpfs(dir, { mode: '1777', sizeBytes: memoryBytesMax(context, sizeLimit) });
    } else if (medium !== '') {
      await mountHugePages(dir, pageSizeOf(medium, context.pod));
    }
    const group = context.pod.spec.securityContext?.fsGroup;
    // Only once: what the pod writes later gets the group from the directory.
    if (group !== undefined && isNew) await giveToGroup(dir, group, false);
    return dir;
  },
  async find({ volumesDir }) {
    const dir = pluginDir(volumesDir, pluginName);
    return (await listDirectory(dir)).map((name) => ({ name, path: `${dir}/${name}` }));
  },
  tearDown: removeUnmounted,
};

/** Never more than the pod may use at all. */
export function memoryBytesMax(
  { pod, allocatable }: Pick<VolumeContext, 'pod' | 'allocatable'>,
  sizeLimit: string | undefined,
): number {
  const limits = [
    quantityValue(allocatable['memory']),
    podResources(pod).memoryLimitBytes,
    quantityValue(sizeLimit),
  ];
  const set = limits.filter((bytes) => bytes > 0);
  return set.length > 0 ? Math.min(...set) : 0;
}

/** `2Mi`: the size the medium names, else the only one that the pod requests. */
export function pageSizeOf(medium: string, { spec }: NodePod): string {
  const lists = [spec.resources, ...startedContainers(spec).map(({ resources }) => resources)];
  const names = lists.flatMap((resources) => Object.keys(resources?.requests ?? {}));
  const requested = new Set(
    names.flatMap((name) =>
      name.startsWith(hugePagesResource) ? [name.slice(hugePagesResource.length)] : [],
    ),
  );
  const named = medium.slice(hugePages.length + 1);
  if (named === '' && requested.size > 1) {
    throw new Error(`medium: ${medium} can't be used if container requests multiple huge page sizes`);
  }
  const [size = ''] = named === '' ? requested : [named].filter((size) => requested.has(size));
  if (size === '') {
    throw new Error(
      `medium ${medium}: hugePages storage requested, but there is no resource request for huge pages`,
    );
  }
  return size;
}
