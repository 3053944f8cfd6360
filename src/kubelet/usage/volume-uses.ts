/**
 * What the claims of a pod hold and have room for, and its volumes of CSI drivers: as the driver reports it, or of a
 * file system of their own, of a folder of the node's, of a device. A volume whose driver reports nothing is left out,
 * as upstream's kubelet does.
 */

import type { Volume } from '#api/generated/types.gen.ts';
import { claimNameOf } from '#api/volumes/ephemeral.ts';
import { inTreePluginOf } from '#api/volumes/in-tree/in-tree-plugins.ts';
import { diskUse } from '#host/files/disk-use.ts';
import { blockDeviceBytes } from '#host/kernel/block-device.ts';
import { type FileSystem, readFileSystem } from '#host/kernel/file-system.ts';
import type { NodePod } from '../pod/pod.ts';
import type { MeasurableVolume, PodSetup, VolumeStats } from '../runtime/machine.ts';

export interface VolumeUse extends VolumeStats {
  /** The volume's name in the pod. */
  readonly volume: string;
  /** Absent of a volume that the pod itself names the driver of. */
  readonly claim?: string;
}

/** One that cannot be measured is left out. A file system that does not answer delays the others by a few seconds. */
export async function volumeUses(
  setup: Pick<PodSetup, 'volume'>,
  dataDir: string,
  pod: NodePod,
): Promise<VolumeUse[]> {
  const volumes = (pod.spec.volumes ?? []).filter((volume) => isMeasured(pod, volume));
  if (volumes.length === 0) return [];
  const node = await readFileSystem(dataDir);
  const uses = volumes.map(async (volume): Promise<VolumeUse[]> => {
    const setUp = setup.volume?.(pod, volume.name);
    const stats = setUp && (await statsOf(setUp, node).catch(() => undefined));
    if (!stats) return [];
    const claim = claimNameOf(pod.metadata.name, volume);
    return [{ volume: volume.name, ...(claim === undefined ? {} : { claim }), ...stats }];
  });
  return (await Promise.all(uses)).flat();
}

function isMeasured(pod: NodePod, volume: Volume): boolean {
  const isDrivers = volume.csi !== undefined || inTreePluginOf(volume) !== undefined;
  return isDrivers || claimNameOf(pod.metadata.name, volume) !== undefined;
}

async function statsOf(
  { path, isBlock, measure }: MeasurableVolume,
  node: FileSystem | undefined,
): Promise<VolumeStats | undefined> {
  if (measure) return measure();
  if (isBlock) return deviceStats(path);
  const own = await readFileSystem(path);
  if (!own || own.id !== node?.id) return own && { room: own.room };
  const use = (await diskUse([path])).get(path);
  return use && { room: own.room, use };
}

/** Only the size of a device is known. */
async function deviceStats(path: string): Promise<VolumeStats | undefined> {
  const capacity = await blockDeviceBytes(path);
  if (capacity === undefined) return undefined;
  const room = { bytes: { available: 0, capacity }, inodes: { available: 0, capacity: 0 } };
  return { room, use: { bytes: 0, inodes: 0 } };
}
