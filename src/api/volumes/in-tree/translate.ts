/**
 * Volumes of clouds as volumes of the CSI drivers that act for them: what every part of the cluster decides by
 * instead of the stored object. Upstream: pkg/volume/csimigration and k8s.io/csi-translation-lib.
 */

import type { PersistentVolume, PersistentVolumeSpec, Volume } from '../../generated/types.gen.ts';
import { inTreePluginOf } from './in-tree-plugins.ts';

/** A PersistentVolume that is no object of the API: it stands for a disk that pods name themselves. */
export interface InlineVolume {
  readonly metadata: { readonly name: string };
  readonly spec: PersistentVolumeSpec & { readonly csi: NonNullable<PersistentVolumeSpec['csi']> };
}

/** By volume: objects of informers are never changed in place. */
const translated = new WeakMap<PersistentVolume, PersistentVolume>();

/**
 * The volume with a CSI source in place of a cloud's; the same object when its source is another. Throws upstream's
 * error when it cannot be translated.
 */
export function asCsiVolume<T extends PersistentVolume>(volume: T): T {
  const plugin = volume.spec && inTreePluginOf(volume.spec);
  if (!plugin) return volume;
  const known = translated.get(volume);
  // The map has a volume of the same type, with another source.
  if (known) return known as T;
  const changes = plugin.ofVolume(volume);
  const { [plugin.field]: _, ...spec } = { ...volume.spec, ...changes };
  const csiVolume = { ...volume, spec };
  translated.set(volume, csiVolume);
  return csiVolume;
}

/**
 * The volume that stands for a cloud's disk that the pod itself names; undefined for every other source. Throws as
 * `asCsiVolume`.
 */
export function inlineCsiVolume(volume: Volume, podNamespace: string): InlineVolume | undefined {
  const plugin = inTreePluginOf(volume);
  const inline = plugin?.ofInline(volume, podNamespace);
  if (!inline) return undefined;
  const { name, csi, accessMode } = inline;
  return { metadata: { name }, spec: { csi, accessModes: [accessMode], volumeMode: 'Filesystem' } };
}
