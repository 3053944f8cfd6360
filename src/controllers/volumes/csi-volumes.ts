/**
 * Volumes of CSI drivers, as controllers see them: disks of clouds are among them. What cannot be translated to a volume
 * of a driver is left out, as upstream.
 */

import type { PersistentVolume, PersistentVolumeSpec, Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { asCsiVolume, inlineCsiVolume } from '#api/volumes/in-tree/translate.ts';

/** A PersistentVolume, or what stands for a disk that pods name themselves. */
export interface CsiVolume {
  readonly metadata: { readonly name: string };
  readonly spec: PersistentVolumeSpec & { readonly csi: NonNullable<PersistentVolumeSpec['csi']> };
}

/** Undefined for a volume that no driver serves. */
export function csiVolumeOf(volume: Stored<PersistentVolume> | undefined): CsiVolume | undefined {
  const { metadata, spec } = (volume && ifTranslated(() => asCsiVolume(volume))) ?? {};
  return metadata && spec?.csi ? { metadata, spec: { ...spec, csi: spec.csi } } : undefined;
}

/** Those that the pod itself names. */
export function inlineVolumesOf({ metadata, spec }: Stored<Pod>): CsiVolume[] {
  return (spec?.volumes ?? []).flatMap((volume) => {
    return ifTranslated(() => inlineCsiVolume(volume, metadata.namespace ?? '')) ?? [];
  });
}

function ifTranslated<T>(translate: () => T): T | undefined {
  try {
    return translate();
  } catch {
    return undefined;
  }
}
