/**
 * A volume as a node has it: a cloud's disk is its CSI driver's where the node's kubelet says so, and then lies where the
 * driver's labels say. Upstream: tryTranslatePVToCSI of its volume binder.
 */

import type { PersistentVolume } from '#api/generated/types.gen.ts';
import { inTreePluginOf } from '#api/volumes/in-tree/in-tree-plugins.ts';
import { asCsiVolume } from '#api/volumes/in-tree/translate.ts';
import { errorText } from '#base/text/error-text.ts';
import type { Listers } from '../../cache/listers.ts';

export const migratedPluginsAnnotation = 'storage.alpha.kubernetes.io/migrated-plugins';

/** Upstream's scheduler leaves out those of vSphere and of Azure Files. */
const seen: ReadonlySet<string> = new Set([
  'kubernetes.io/aws-ebs',
  'kubernetes.io/azure-disk',
  'kubernetes.io/cinder',
  'kubernetes.io/gce-pd',
  'kubernetes.io/portworx-volume',
]);

/** Does the scheduler see the volumes of this in-tree plugin as those of its driver? */
export function isSeenAsCsi(plugin: string): boolean {
  return seen.has(plugin);
}

/** The same object for every other volume. Throws when it cannot be translated. */
export function volumeOnNode<T extends PersistentVolume>(
  volume: T,
  node: string,
  { csiNode }: Pick<Listers, 'csiNode'>,
): T {
  const plugin = volume.spec && inTreePluginOf(volume.spec)?.name;
  if (plugin === undefined || !isSeenAsCsi(plugin)) return volume;
  const annotation = csiNode(node)?.metadata?.annotations?.[migratedPluginsAnnotation] ?? '';
  if (!annotation.split(',').includes(plugin)) return volume;
  try {
    return asCsiVolume(volume);
  } catch (error) {
    throw new Error(`could not translate pv: ${errorText(error)}`);
  }
}
