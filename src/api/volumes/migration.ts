/** Which CSI driver acts for a plugin that was inside Kubernetes, by the names of both. */

import type { PersistentVolume } from '../generated/types.gen.ts';
import { inTreePluginOf, inTreePlugins } from './in-tree/in-tree-plugins.ts';

/** The driver that acts for this in-tree plugin; undefined for every other provisioner. */
export function migratedDriver(provisioner: string): string | undefined {
  return inTreePlugins.find(({ name }) => name === provisioner)?.driver;
}

/** Is this the name of a plugin inside Kubernetes, not of an external provisioner? */
export function isInTree(provisioner: string): boolean {
  return provisioner.startsWith('kubernetes.io/');
}

/** The in-tree plugin of the volume's source, if a CSI driver acts for it. */
export function migratedPlugin({ spec }: PersistentVolume): string | undefined {
  return spec && inTreePluginOf(spec)?.name;
}
