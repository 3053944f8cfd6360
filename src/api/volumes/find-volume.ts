/** The best volume for a claim, among hand-made and provisioned ones. */

import type { PersistentVolume, PersistentVolumeClaim } from '../generated/types.gen.ts';
import type { Labels } from '../selectors/selector.ts';
import { capacityOf, hasAccessModes, volumeMatcher } from './match.ts';
import { reachesNode } from './node-affinity.ts';

/**
 * For the binder: of the volumes with the fewest access modes that include the claim's, one that is reserved
 * for the claim, else the smallest. With `reservedOnly` no other than a reserved one: the scheduler chooses.
 */
export function findVolume<T extends PersistentVolume>(
  claim: PersistentVolumeClaim,
  volumes: Iterable<T>,
  { reservedOnly = false } = {},
): T | undefined {
  const match = volumeMatcher(claim);
  const byModes = new Map<string, { reserved?: T; free: T[] }>();
  for (const volume of volumes) {
    const matched = hasAccessModes(claim, volume) ? match(volume) : undefined;
    if (!matched || (reservedOnly && matched === 'free')) continue;
    const modes = [...new Set(volume.spec?.accessModes)].sort().join();
    const group = byModes.get(modes) ?? { free: [] };
    byModes.set(modes, group);
    if (matched === 'free') group.free.push(volume);
    else group.reserved ??= volume;
  }
  const fewest = [...byModes].sort(([a], [b]) => modeCount(a) - modeCount(b) || (a < b ? -1 : 1))[0]?.[1];
  return fewest && (fewest.reserved ?? smallest(fewest.free));
}

function modeCount(modes: string): number {
  return modes.split(',').length;
}

/**
 * For the scheduler: a volume that can be used on a node with these labels. A reserved volume excludes all
 * others, also when it cannot be used there. `taken`: names of volumes chosen for other claims of the pod.
 */
export function findVolumeForNode<T extends PersistentVolume>(
  claim: PersistentVolumeClaim,
  volumes: Iterable<T>,
  nodeLabels: Labels,
  taken: ReadonlySet<string>,
): T | undefined {
  const match = volumeMatcher(claim);
  const free: T[] = [];
  for (const volume of volumes) {
    if (taken.has(volume.metadata?.name ?? '')) continue;
    const matched = match(volume);
    if (matched === 'reserved') return reachesNode(volume, nodeLabels) ? volume : undefined;
    if (matched && hasAccessModes(claim, volume) && reachesNode(volume, nodeLabels)) free.push(volume);
  }
  return smallest(free);
}

/** Of several, the first. */
function smallest<T extends PersistentVolume>(volumes: readonly T[]): T | undefined {
  let chosen: T | undefined;
  for (const volume of volumes) {
    if (!chosen || capacityOf(volume).compare(capacityOf(chosen)) < 0) chosen = volume;
  }
  return chosen;
}
