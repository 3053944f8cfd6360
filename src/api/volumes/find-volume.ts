/** The best volume for a claim, among hand-made and provisioned ones. */

import type { PersistentVolume, PersistentVolumeClaim } from '../generated/types.gen.ts';
import type { Labels } from '../selectors/selector.ts';
import { capacityOf, hasAccessModes, volumeMatcher } from './match.ts';
import { hostOf, hostsOf, reachesNode } from './node-affinity.ts';

/**
 * For the binder: of the volumes with the fewest access modes that include the claim's, one that is reserved
 * for the claim, else the smallest.
 */
export function findVolume<T extends PersistentVolume>(
  claim: PersistentVolumeClaim,
  volumes: Iterable<T>,
): T | undefined {
  const match = volumeMatcher(claim);
  const byModes = new Map<string, { reserved?: T; free: T[] }>();
  for (const volume of volumes) {
    const matched = hasAccessModes(claim, volume) ? match(volume) : undefined;
    if (!matched) continue;
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

/** Volumes that satisfy a claim on some node. */
export interface FittingVolumes<T extends PersistentVolume> {
  /** Excludes all others, also on nodes where it cannot be used. */
  readonly reserved: T | undefined;
  /** Free ones by hostname, so that thousands of local volumes are not looked at for each node; `''`: all others. */
  readonly freeByHost: ReadonlyMap<string, readonly T[]>;
}

/** For the scheduler: computed once for a claim, chosen from by `chooseForNode` for many nodes. */
export function fittingVolumes<T extends PersistentVolume>(
  claim: PersistentVolumeClaim,
  volumes: Iterable<T>,
): FittingVolumes<T> {
  const match = volumeMatcher(claim);
  const freeByHost = new Map<string, T[]>();
  let reserved: T | undefined;
  for (const volume of volumes) {
    const matched = match(volume);
    if (matched === 'reserved') reserved ??= volume;
    if (matched !== 'free' || !hasAccessModes(claim, volume)) continue;
    for (const host of new Set(hostsOf(volume) ?? [''])) {
      const there = freeByHost.get(host) ?? [];
      freeByHost.set(host, there);
      there.push(volume);
    }
  }
  return { reserved, freeByHost };
}

/** `taken`: names of volumes chosen for other claims of the pod. */
export function chooseForNode<T extends PersistentVolume>(
  { reserved, freeByHost }: FittingVolumes<T>,
  nodeLabels: Labels,
  taken: ReadonlySet<string>,
): T | undefined {
  const isUsable = (volume: T) => !taken.has(volume.metadata?.name ?? '') && reachesNode(volume, nodeLabels);
  if (reserved) return isUsable(reserved) ? reserved : undefined;
  const host = hostOf(nodeLabels);
  const local = host === '' ? [] : (freeByHost.get(host) ?? []);
  return smallest([...local, ...(freeByHost.get('') ?? [])].filter(isUsable));
}

/** Of several, the first. */
function smallest<T extends PersistentVolume>(volumes: readonly T[]): T | undefined {
  let chosen: T | undefined;
  for (const volume of volumes) {
    if (!chosen || capacityOf(volume).compare(capacityOf(chosen)) < 0) chosen = volume;
  }
  return chosen;
}
