/** The plugins that were inside Kubernetes and are CSI drivers since, in the order of their names. */

import type { PersistentVolumeSpec, Volume } from '../../generated/types.gen.ts';
import { awsEbs } from './aws-ebs.ts';
import { azureDisk } from './azure-disk.ts';
import { azureFile } from './azure-file.ts';
import { cinder } from './cinder.ts';
import { gcePd } from './gce-pd.ts';
import type { InTreePlugin } from './in-tree-plugin.ts';
import { portworx } from './portworx.ts';
import { vsphere } from './vsphere.ts';

export const inTreePlugins: readonly InTreePlugin[] = [
  awsEbs,
  azureDisk,
  azureFile,
  cinder,
  gcePd,
  portworx,
  vsphere,
];

/** Of a PersistentVolume, or of a volume that the pod itself names. */
export function inTreePluginOf(source: PersistentVolumeSpec | Volume): InTreePlugin | undefined {
  return inTreePlugins.find(({ field }) => source[field] !== undefined);
}
