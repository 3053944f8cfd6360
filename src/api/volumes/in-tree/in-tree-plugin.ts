/**
 * The shape of a volume plugin that was inside Kubernetes and is a CSI driver since: how a volume of its source
 * looks to that driver. Upstream: k8s.io/csi-translation-lib.
 */

import type {
  CSIPersistentVolumeSource,
  PersistentVolume,
  PersistentVolumeSpec,
  Volume,
} from '../../generated/types.gen.ts';

/** The field of a pod's volume, and of a PersistentVolume, that has the source of such a plugin. */
export type InTreeField = keyof Volume &
  keyof PersistentVolumeSpec &
  (
    | 'awsElasticBlockStore'
    | 'azureDisk'
    | 'azureFile'
    | 'cinder'
    | 'gcePersistentDisk'
    | 'portworxVolume'
    | 'vsphereVolume'
  );

/** What is different in the specification of a volume when it is the driver's. */
export type CsiChanges = Pick<PersistentVolumeSpec, 'accessModes' | 'nodeAffinity'> & {
  readonly csi: CSIPersistentVolumeSource;
};

/** A volume that the pod itself names, as the driver gets it. */
export interface InlineCsi {
  /** Stands for the name of a PersistentVolume; the same for all pods that use the disk. */
  readonly name: string;
  readonly csi: CSIPersistentVolumeSource;
  readonly accessMode: 'ReadWriteOnce' | 'ReadOnlyMany' | 'ReadWriteMany';
}

export interface InTreePlugin {
  /** `kubernetes.io/aws-ebs`. */
  readonly name: string;
  readonly driver: string;
  readonly field: InTreeField;
  /** Undefined for a volume of another source. Throws upstream's error for one that cannot be translated. */
  ofVolume(volume: PersistentVolume): CsiChanges | undefined;
  /** Undefined and errors as `ofVolume`. */
  ofInline(volume: Volume, podNamespace: string): InlineCsi | undefined;
}

/** Without the fields that are empty, as Go writes it. */
export function csiSource({
  fsType,
  readOnly,
  volumeAttributes = {},
  ...source
}: CSIPersistentVolumeSource): CSIPersistentVolumeSource {
  return {
    ...source,
    ...(fsType ? { fsType } : {}),
    ...(readOnly ? { readOnly } : {}),
    ...(Object.keys(volumeAttributes).length > 0 ? { volumeAttributes } : {}),
  };
}
