/**
 * Disks of clouds that pods name themselves. They have no object of their own: a disk is known by its driver and handle,
 * from the pods that name it and from its VolumeAttachments.
 */

import type { Pod, VolumeAttachment } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { uniqueName } from '#api/volumes/csi-names.ts';
import type { Informer } from '#client/informers/informer.ts';
import { type CsiVolume, inlineVolumesOf } from '../csi-volumes.ts';

const byKey = 'inline volume';
const byDriver = 'driver of inline volume';

/** `inline/kubernetes.io/csi/DRIVER^HANDLE`. */
export function inlineKey({ spec: { csi } }: CsiVolume): string {
  return `inline/${uniqueName({ driverName: csi.driver, volumeHandle: csi.volumeHandle })}`;
}

/** Undefined for the attachment of a PersistentVolume. */
export function inlineKeyOf(attachment: VolumeAttachment): string | undefined {
  const volume = attachedInline(attachment);
  return volume && inlineKey(volume);
}

export class InlineVolumes {
  readonly #pods: Informer<Pod>;
  readonly #attachments: Informer<VolumeAttachment>;

  constructor(pods: Informer<Pod>, attachments: Informer<VolumeAttachment>) {
    this.#pods = pods;
    this.#attachments = attachments;
    pods.addIndex(byKey, (pod) => inlineVolumesOf(pod).map(inlineKey));
    pods.addIndex(byDriver, (pod) => inlineVolumesOf(pod).map(({ spec }) => spec.csi.driver));
    attachments.addIndex(byKey, (attachment) => listOf(inlineKeyOf(attachment)));
  }

  get(key: string): CsiVolume | undefined {
    const wanted = this.podsOf(key).flatMap(inlineVolumesOf);
    const attached = this.attachmentsOf(key).flatMap((attachment) => attachedInline(attachment) ?? []);
    return [...wanted, ...attached].find((volume) => inlineKey(volume) === key);
  }

  podsOf(key: string): Stored<Pod>[] {
    return this.#pods.byIndex(byKey, key);
  }

  attachmentsOf(key: string): Stored<VolumeAttachment>[] {
    return this.#attachments.byIndex(byKey, key);
  }

  keysOfDriver(driver: string): string[] {
    const volumes = this.#pods.byIndex(byDriver, driver).flatMap(inlineVolumesOf);
    return volumes.filter(({ spec }) => spec.csi.driver === driver).map(inlineKey);
  }
}

/** The name that its translation gave it is not kept: only events of pods that use it say it. */
function attachedInline({ spec }: VolumeAttachment): CsiVolume | undefined {
  const { inlineVolumeSpec } = spec.source;
  if (!inlineVolumeSpec?.csi) return undefined;
  const { csi } = inlineVolumeSpec;
  return { metadata: { name: csi.volumeHandle }, spec: { ...inlineVolumeSpec, csi } };
}

export function listOf(key: string | undefined): string[] {
  return key === undefined ? [] : [key];
}
