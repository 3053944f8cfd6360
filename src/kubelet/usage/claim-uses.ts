/** What the claims of a pod hold, and have room for: of a file system of their own, or of a folder of the node's. */

import { claimNameOf } from '#api/volumes/ephemeral.ts';
import { type DiskUse, diskUse } from '#host/files/disk-use.ts';
import { readFileSystem } from '#host/kernel/file-system.ts';
import type { FileSystemRoom } from '#host/kernel/node-signals.ts';
import type { NodePod } from '../pod/pod.ts';
import type { PodSetup } from '../runtime/machine.ts';

export interface ClaimUse {
  /** The volume's name in the pod. */
  readonly volume: string;
  readonly claim: string;
  readonly room: FileSystemRoom;
  /** Of a folder that shares the file system of the node. */
  readonly use?: DiskUse;
}

/** A volume whose file system does not answer is left out, and delays the others by a few seconds at most. */
export async function claimUses(
  setup: Pick<PodSetup, 'volumePath'>,
  dataDir: string,
  pod: NodePod,
): Promise<ClaimUse[]> {
  const claimed = (pod.spec.volumes ?? []).flatMap((volume) => {
    const claim = claimNameOf(pod.metadata.name, volume);
    const path = setup.volumePath?.(pod, volume.name);
    return claim === undefined || path === undefined ? [] : [{ volume: volume.name, claim, path }];
  });
  if (claimed.length === 0) return [];
  const node = await readFileSystem(dataDir);
  const uses = await Promise.all(
    claimed.map(async ({ path, ...names }): Promise<ClaimUse[]> => {
      const own = await readFileSystem(path);
      if (!own) return [];
      if (own.id !== node?.id) return [{ ...names, room: own.room }];
      const use = (await diskUse([path])).get(path);
      return use ? [{ ...names, room: own.room, use }] : [];
    }),
  );
  return uses.flat();
}
