/** Names that the parts of a cluster must agree on for a volume of a CSI driver. */

import { createHash } from 'node:crypto';

export interface CsiVolumeName {
  readonly driverName: string;
  readonly volumeHandle: string;
}

/** `kubernetes.io/csi/DRIVER^HANDLE`: the volume in the status of a node. */
export function uniqueName({ driverName, volumeHandle }: CsiVolumeName): string {
  return `kubernetes.io/csi/${driverName}^${volumeHandle}`;
}

/** The VolumeAttachment of the volume to a node. */
export function attachmentName({ driverName, volumeHandle }: CsiVolumeName, nodeName: string): string {
  return `csi-${sha256(`${volumeHandle}${driverName}${nodeName}`)}`;
}

/** In hexadecimal digits. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
