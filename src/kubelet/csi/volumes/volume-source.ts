/** A CSI volume of a pod, inline or of a claim, as the calls of its driver need it. */

import type { SecretReference, Volume } from '#api/generated/types.gen.ts';
import { sha256 } from '#api/volumes/csi-names.ts';
import { isBlock, isReadOnly, persistentVolumeOf, type VolumeContext } from '../../volumes/volume.ts';
import type { LifecycleMode } from '../csi-driver.ts';
import type { VolumeAccess } from '../volume-capability.ts';
import { inlineHandle, stagesDir } from '../volume-data.ts';

export interface CsiVolume {
  readonly driverName: string;
  readonly volumeHandle: string;
  /** The name of the PersistentVolume, or of the volume in the pod. */
  readonly name: string;
  readonly mode: LifecycleMode;
  readonly readOnly: boolean;
  readonly attributes: Readonly<Record<string, string>>;
  readonly accessModes: readonly string[];
  readonly access: VolumeAccess;
  readonly stageSecret?: SecretReference | undefined;
  readonly publishSecret?: SecretReference | undefined;
  readonly expandSecret?: SecretReference | undefined;
}

/** Of a volume whose source is CSI. */
export function csiVolumeOf(context: VolumeContext, volume: Volume): CsiVolume {
  const persistent = persistentVolumeOf(context);
  return persistent ? persistentVolume(context, volume, persistent) : inlineVolume(context, volume);
}

function inlineVolume({ pod }: VolumeContext, { name, csi }: Volume): CsiVolume {
  const {
    driver = '',
    fsType = '',
    readOnly = false,
    volumeAttributes = {},
    nodePublishSecretRef,
  } = csi ?? {};
  const { namespace = '', uid } = pod.metadata;
  return {
    driverName: driver,
    volumeHandle: inlineHandle(uid, name),
    name,
    mode: 'Ephemeral',
    readOnly,
    attributes: volumeAttributes,
    accessModes: ['ReadWriteOnce'],
    access: { accessMode: 'ReadWriteOnce', isBlock: false, fsType, mountOptions: [] },
    publishSecret: nodePublishSecretRef && { namespace, name: nodePublishSecretRef.name ?? '' },
  };
}

function persistentVolume(
  context: VolumeContext,
  volume: Volume,
  { metadata, spec }: NonNullable<ReturnType<typeof persistentVolumeOf>>,
): CsiVolume {
  const { csi, accessModes = [], mountOptions = [] } = spec;
  const { driver = '', volumeHandle = '', fsType = '', volumeAttributes = {} } = csi ?? {};
  const isDevice = isBlock(context);
  return {
    driverName: driver,
    volumeHandle,
    name: metadata.name,
    mode: 'Persistent',
    readOnly: isReadOnly(volume),
    attributes: volumeAttributes,
    accessModes,
    access: {
      accessMode: accessModes[0] ?? 'ReadWriteOnce',
      isBlock: isDevice,
      fsType,
      mountOptions,
      isMigrated: context.isMigrated,
    },
    stageSecret: csi?.nodeStageSecretRef,
    publishSecret: csi?.nodePublishSecretRef,
    expandSecret: csi?.nodeExpandSecretRef,
  };
}

/** `DRIVER/SHA`: the stage of the volume, as `DeviceMounts` names it. */
export function stageOf({ driverName, volumeHandle }: CsiVolume): string {
  return `${driverName}/${sha256(volumeHandle)}`;
}

/** Where the driver stages it; upstream's places. */
export function stagingPath(places: { readonly pluginsDir: string }, volume: CsiVolume): string {
  return volume.access.isBlock
    ? `${stagesDir(places)}/volumeDevices/staging/${volume.name}`
    : `${stagesDir(places)}/${stageOf(volume)}/globalmount`;
}
