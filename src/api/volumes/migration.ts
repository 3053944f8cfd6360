/** In-tree plugins whose volumes belong to CSI drivers, since v1.31 all that are left of the clouds. */

import { ownValue } from '#base/own-value.ts';
import type { PersistentVolume } from '../generated/types.gen.ts';

const drivers: Readonly<Record<string, string>> = {
  'kubernetes.io/aws-ebs': 'ebs.csi.aws.com',
  'kubernetes.io/azure-disk': 'disk.csi.azure.com',
  'kubernetes.io/azure-file': 'file.csi.azure.com',
  'kubernetes.io/cinder': 'cinder.csi.openstack.org',
  'kubernetes.io/gce-pd': 'pd.csi.storage.gke.io',
  'kubernetes.io/portworx-volume': 'pxd.portworx.com',
  'kubernetes.io/vsphere-volume': 'csi.vsphere.vmware.com',
};

/** The driver that acts for this in-tree plugin; undefined for every other provisioner. */
export function migratedDriver(provisioner: string): string | undefined {
  return ownValue(drivers, provisioner);
}

/** Is this the name of a plugin inside Kubernetes, not of an external provisioner? */
export function isInTree(provisioner: string): boolean {
  return provisioner.startsWith('kubernetes.io/');
}

const sources = [
  ['awsElasticBlockStore', 'kubernetes.io/aws-ebs'],
  ['azureDisk', 'kubernetes.io/azure-disk'],
  ['azureFile', 'kubernetes.io/azure-file'],
  ['cinder', 'kubernetes.io/cinder'],
  ['gcePersistentDisk', 'kubernetes.io/gce-pd'],
  ['portworxVolume', 'kubernetes.io/portworx-volume'],
  ['vsphereVolume', 'kubernetes.io/vsphere-volume'],
] as const;

/** The in-tree plugin of the volume's source, if a CSI driver acts for it. */
export function migratedPlugin({ spec }: PersistentVolume): string | undefined {
  return sources.find(([field]) => spec?.[field])?.[1];
}
