/**
 * What stands behind a volume whose source the pod does not name to its plugin: a claim's PersistentVolume, or a cloud's
 * disk, which is its CSI driver's. Follows upstream's desired state populator.
 */

import type { Volume } from '#api/generated/types.gen.ts';
import { asCsiVolume, inlineCsiVolume } from '#api/volumes/in-tree/translate.ts';
import { errorText } from '#base/text/error-text.ts';
import type { ObjectSource } from '../../pod/objects/object-source.ts';
import type { NodePod } from '../../pod/pod.ts';
import type { VolumeContext } from '../volume.ts';
import { claimedVolume } from './claimed-volume.ts';

/** Throws what keeps the volume from being mounted. */
export async function persistentSource(
  objects: Pick<ObjectSource, 'get'>,
  pod: NodePod,
  volume: Volume,
): Promise<Pick<VolumeContext, 'claimed' | 'inline' | 'isMigrated'>> {
  const claimed = await claimedVolume(objects, pod, volume);
  try {
    if (claimed) {
      const csiVolume = asCsiVolume(claimed.volume);
      return { claimed: { ...claimed, volume: csiVolume }, isMigrated: csiVolume !== claimed.volume };
    }
    const inline = inlineCsiVolume(volume, pod.metadata.namespace ?? '');
    return inline ? { inline, isMigrated: true } : {};
  } catch (error) {
    throw new Error(`failed to translate in-tree pv to CSI: ${errorText(error)}`);
  }
}
