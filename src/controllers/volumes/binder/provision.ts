/**
 * Asks for a new volume for a claim. External provisioners are asked by an annotation on the claim; of the
 * provisioners inside upstream's controller manager only the one of host paths is left, which is off unless
 * a flag turns it on, and kybern has no such flag.
 */

import type { StorageClass } from '#api/generated/types.gen.ts';
import { betaStorageProvisioner, migratedTo, storageProvisioner } from '#api/volumes/annotations.ts';
import { isInTree, migratedDriver } from '#api/volumes/migration.ts';
import { classOfClaim } from '#api/volumes/storage-class.ts';
import type { Action } from '#client/controllers/plan.ts';
import { eventAction } from '../../shared/event-action.ts';
import { type Claim, writeClaim } from './writes.ts';

const hostPath = 'kubernetes.io/host-path';

export function askForVolume(claim: Claim, storageClass: StorageClass | undefined): Action[] {
  const failed = (message: string) => [eventAction(claim, 'Warning', 'ProvisioningFailed', message)];
  if (!storageClass) return failed(`storageclass.storage.k8s.io "${classOfClaim(claim)}" not found`);
  const { provisioner = '' } = storageClass;
  const driver = migratedDriver(provisioner);
  if (driver || !isInTree(provisioner)) return askExternally(claim, driver ?? provisioner);
  if (provisioner === 'kubernetes.io/nfs') return failed('no provisionable volume plugin matched');
  if (provisioner !== hostPath) return failed(`no volume plugin matched name: ${provisioner}`);
  if (claim.spec?.dataSource) return failed(noDataSource);
  return [...markProvisioner(claim, hostPath), ...failed(hostPathTrouble(storageClass))];
}

const noDataSource = `plugin "${hostPath}" is not a CSI plugin. Only CSI plugin can provision a claim with a datasource`;

function hostPathTrouble({ metadata, mountOptions = [] }: StorageClass): string {
  if (mountOptions.length === 0) {
    return `Failed to create provisioner: provisioning in volume plugin "${hostPath}" is disabled`;
  }
  const options = `[${mountOptions.join(' ')}]`;
  return `Mount options are not supported by the provisioner but StorageClass "${metadata?.name}" has mount options ${options}`;
}

function askExternally(claim: Claim, provisioner: string): Action[] {
  const message =
    `Waiting for a volume to be created either by the external provisioner '${provisioner}' ` +
    'or manually by the system administrator. If volume creation is delayed, please verify that ' +
    'the provisioner is running and correctly registered.';
  return [
    ...markProvisioner(claim, provisioner),
    eventAction(claim, 'Normal', 'ExternalProvisioning', message),
  ];
}

function markProvisioner(claim: Claim, provisioner: string): Action[] {
  if (claim.metadata.annotations?.[storageProvisioner] === provisioner) return [];
  const { [migratedTo]: _, ...annotations } = claim.metadata.annotations ?? {};
  annotations[betaStorageProvisioner] = provisioner;
  annotations[storageProvisioner] = provisioner;
  return [writeClaim({ ...claim, metadata: { ...claim.metadata, annotations } })];
}
