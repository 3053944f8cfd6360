/** What the CSIDriver object says of a driver, as the kubelet asks it; a driver may have none. */

import type { CSIDriver } from '#api/generated/types.gen.ts';

export type LifecycleMode = 'Persistent' | 'Ephemeral';

/** Throws when the driver does not say that it takes such volumes. */
export function checkLifecycleMode(name: string, driver: CSIDriver | undefined, mode: LifecycleMode): void {
  if (!driver) {
    if (mode === 'Persistent') return;
    throw new Error(
      `volume mode ${JSON.stringify(mode)} not supported by driver ${name} (no CSIDriver object)`,
    );
  }
  const { volumeLifecycleModes = ['Persistent'] } = driver.spec;
  if (volumeLifecycleModes.includes(mode)) return;
  const only = `[${volumeLifecycleModes.map((each) => JSON.stringify(each)).join(' ')}]`;
  throw new Error(
    `volume mode ${JSON.stringify(mode)} not supported by driver ${name} (only supports ${only})`,
  );
}

export interface GroupQuestion {
  readonly fsGroup: number | undefined;
  readonly fsType: string;
  readonly readOnly: boolean;
  /** Of the PersistentVolume; those of an inline volume are `['ReadWriteOnce']`. */
  readonly accessModes: readonly string[];
}

/** Whether the kubelet gives the volume to the group of the pod. */
export function appliesGroup(driver: CSIDriver | undefined, question: GroupQuestion): boolean {
  const { fsGroup, fsType, readOnly, accessModes } = question;
  const policy = driver?.spec.fsGroupPolicy ?? 'ReadWriteOnceWithFSType';
  if (fsGroup === undefined || readOnly || policy === 'None') return false;
  if (policy === 'File') return true;
  return fsType !== '' && accessModes.some((mode) => mode === 'ReadWriteOnce' || mode === 'ReadWriteOncePod');
}

/** Whether a volume is attached to the node before it is mounted. */
export function needsAttachment(driver: CSIDriver | undefined): boolean {
  return driver?.spec.attachRequired !== false;
}
