/** What the binder corrects on claims and volumes first: the mark of CSI migration, and finalizers of volumes. */

import {
  betaStorageProvisioner,
  externalFinalizer,
  inTreeFinalizer,
  migratedTo,
  provisionedBy,
  storageProvisioner,
} from '#api/volumes/annotations.ts';
import { isInTree, migratedDriver } from '#api/volumes/migration.ts';
import type { Claim, Volume } from './writes.ts';

/** Returns the same object when nothing is to be corrected. */
export function correctedClaim(claim: Claim): Claim {
  const { annotations = {} } = claim.metadata;
  const provisioner = annotations[storageProvisioner] ?? annotations[betaStorageProvisioner];
  return provisioner === undefined ? claim : withMigration(claim, provisioner);
}

/** Returns the same object when nothing is to be corrected. */
export function correctedVolume(volume: Volume): Volume {
  const provisioner = volume.metadata.annotations?.[provisionedBy];
  if (provisioner === undefined) return volume;
  return withFinalizers(withMigration(volume, provisioner), provisioner);
}

function withMigration<T extends Claim | Volume>(object: T, provisioner: string): T {
  const driver = migratedDriver(provisioner);
  if ((object.metadata.annotations?.[migratedTo] || undefined) === driver) return object;
  const { [migratedTo]: _, ...annotations } = object.metadata.annotations ?? {};
  if (driver) annotations[migratedTo] = driver;
  return { ...object, metadata: { ...object.metadata, annotations } };
}

/**
 * A volume of an in-tree provisioner is kept by a finalizer while its storage is to be deleted. Those of
 * external provisioners keep theirs.
 */
function withFinalizers(volume: Volume, provisioner: string): Volume {
  const { finalizers = [] } = volume.metadata;
  let wanted = finalizers;
  if (migratedDriver(provisioner)) wanted = finalizers.filter((each) => each !== inTreeFinalizer);
  else if (isInTree(provisioner)) {
    const others = finalizers.filter((each) => each !== externalFinalizer);
    const policy = volume.spec?.persistentVolumeReclaimPolicy;
    if (policy !== 'Delete') wanted = others.filter((each) => each !== inTreeFinalizer);
    else wanted = others.includes(inTreeFinalizer) ? others : [...others, inTreeFinalizer];
  }
  if (wanted.length === finalizers.length && wanted.every((each, i) => each === finalizers[i])) return volume;
  return { ...volume, metadata: { ...volume.metadata, finalizers: wanted } };
}
