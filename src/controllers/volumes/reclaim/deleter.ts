/**
 * What deletes the storage of a released volume. Of upstream's in-tree plugins only host paths have a deleter
 * left, and only beneath /tmp: it is meant for tests and development.
 */

import type { PersistentVolume } from '#api/generated/types.gen.ts';
import { migratedTo, provisionedBy } from '#api/volumes/annotations.ts';
import { isInTree } from '#api/volumes/migration.ts';

/** `external`: the provisioner that created it. A path is ours. */
export type Deleter = 'external' | { readonly path: string } | { readonly trouble: string };

const hostPath = 'kubernetes.io/host-path';
const recyclable = 'kubernetes.io/nfs';

export function deleterOf({ metadata, spec }: PersistentVolume): Deleter {
  const provisioner = metadata?.annotations?.[provisionedBy];
  if (metadata?.annotations?.[migratedTo]) return 'external';
  if (provisioner) return byName(provisioner, spec?.hostPath?.path);
  if (spec?.csi) return 'external';
  if (spec?.hostPath) return deletablePath(spec.hostPath.path);
  const reason = spec?.nfs ? 'no deletable volume plugin matched' : 'no volume plugin matched';
  return { trouble: `error getting deleter volume plugin for volume "${metadata?.name}": ${reason}` };
}

function byName(provisioner: string, path: string | undefined): Deleter {
  if (!isInTree(provisioner)) return 'external';
  if (provisioner === recyclable) return { trouble: 'no deletable volume plugin matched' };
  if (provisioner !== hostPath) return { trouble: `no volume plugin matched name: ${provisioner}` };
  if (path !== undefined) return deletablePath(path);
  return { trouble: 'failed to create deleter for volume: spec.PersistentVolumeSource.HostPath is nil' };
}

/**
 * Stricter than upstream, whose expression is not anchored: it would delete /var/tmp/x too, as root, whatever that
 * holds. Here the path must begin with /tmp/.
 */
function deletablePath(path: string): Deleter {
  if (/^\/tmp\/.+/.test(path) && !path.split('/').includes('..')) return { path };
  return { trouble: `host_path deleter only supports /tmp/.+ but received provided ${path}` };
}
