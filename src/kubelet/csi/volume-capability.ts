/** The VolumeCapability of CSI calls: access type, access mode and mount options of a volume. */

import type { Message } from '../grpc/service-types.ts';

export interface VolumeAccess {
  /** The first access mode of the volume; `ReadWriteOnce` where it has none. */
  readonly accessMode: string;
  /** A block device, not a file system. */
  readonly isBlock: boolean;
  readonly fsType: string;
  readonly mountOptions: readonly string[];
  /** The fsGroup of the pod, for drivers that apply it themselves. */
  readonly fsGroup?: number | undefined;
  /** A cloud's disk, which is its CSI driver's; metrics say it. */
  readonly isMigrated?: boolean | undefined;
}

/** `single-node-writers`: the driver distinguishes one writer on a node from several. */
export type AccessModes = 'basic' | 'single-node-writers';

const basicModes: Record<string, string> = {
  ReadWriteOnce: 'SINGLE_NODE_WRITER',
  ReadOnlyMany: 'MULTI_NODE_READER_ONLY',
  ReadWriteMany: 'MULTI_NODE_MULTI_WRITER',
  ReadWriteOncePod: 'SINGLE_NODE_WRITER',
};

const modes: Record<AccessModes, Record<string, string>> = {
  basic: basicModes,
  'single-node-writers': {
    ...basicModes,
    ReadWriteOnce: 'SINGLE_NODE_MULTI_WRITER',
    ReadWriteOncePod: 'SINGLE_NODE_SINGLE_WRITER',
  },
};

/** The message `VolumeCapability`. */
export function capabilityOf(access: VolumeAccess, accessModes: AccessModes): Message {
  const { accessMode, isBlock, fsType, mountOptions, fsGroup } = access;
  const mount = {
    fsType,
    mountFlags: mountOptions,
    ...(fsGroup === undefined ? {} : { volumeMountGroup: String(fsGroup) }),
  };
  return {
    accessMode: { mode: modes[accessModes][accessMode] ?? 'UNKNOWN' },
    ...(isBlock ? { block: {} } : { mount }),
  };
}
