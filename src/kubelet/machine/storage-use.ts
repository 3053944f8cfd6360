/** What a pod's emptyDirs and logs take of this machine's disk. */

import { allContainers } from '#api/pods/containers.ts';
import { type DiskUse, diskUse } from '#host/files/disk-use.ts';
import type { NodePod } from '../pod/pod.ts';
import type { PodSetup } from '../runtime/machine.ts';
import { emptyDirVolume } from '../volumes/empty-dir.ts';
import { volumeDir } from '../volumes/volume.ts';
import type { PodPaths } from './pod-paths.ts';

export function machineStorageUse(paths: PodPaths): Required<Pick<PodSetup, 'storageUse'>> {
  return {
    async storageUse(pod) {
      const emptyDirs = emptyDirPaths(paths, pod);
      const logs = new Map(
        allContainers(pod.spec).map(({ name }) => [name, `${paths.logDirectory(pod)}/${name}`]),
      );
      const uses = await diskUse([...emptyDirs.values(), ...logs.values()]);
      return { emptyDirs: measured(emptyDirs, uses), logs: measured(logs, uses) };
    },
  };
}

/** Of those on disk: memory and huge pages count as memory, and are limited where they are mounted. */
function emptyDirPaths(paths: PodPaths, { metadata, spec }: NodePod): Map<string, string> {
  const onDisk = (spec.volumes ?? []).filter(({ emptyDir }) => emptyDir && !emptyDir.medium);
  const context = { volumesDir: paths.volumes(metadata.uid) };
  return new Map(onDisk.map((volume) => [volume.name, volumeDir(context, emptyDirVolume.name, volume)]));
}

function measured(
  paths: ReadonlyMap<string, string>,
  uses: ReadonlyMap<string, DiskUse>,
): Map<string, DiskUse> {
  return new Map([...paths].map(([name, path]) => [name, uses.get(path) ?? { bytes: 0, inodes: 0 }]));
}
