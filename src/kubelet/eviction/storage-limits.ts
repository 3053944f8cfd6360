/**
 * The storage that a pod may use of its node: of each emptyDir, of all its containers together, of each
 * container.
 */

import { exactAmounts } from '#api/pods/exact-amounts.ts';
import { podLimits } from '#api/pods/resources.ts';
import { isCriticalPod } from '#api/pods/system-priority.ts';
import { quantityValue } from '#api/values/quantity.ts';
import type { NodePod } from '../pod/pod.ts';

const storage = 'ephemeral-storage';

/** In bytes, by name. */
export interface StorageUse {
  readonly emptyDirs: ReadonlyMap<string, number>;
  /** What they wrote into their own file systems and logs. */
  readonly containers: ReadonlyMap<string, number>;
}

/** Only such pods are measured. A critical pod is never evicted. */
export function hasStorageLimit(pod: NodePod): boolean {
  if (isCriticalPod(pod)) return false;
  return (
    pod.spec.volumes?.some(({ emptyDir }) => quantityValue(emptyDir?.sizeLimit) > 0) === true ||
    pod.spec.containers.some(({ resources }) => resources?.limits?.[storage] !== undefined)
  );
}

export interface StorageExcess {
  /** Upstream's name of the limit, for metrics. */
  readonly signal: 'emptydirfs.limit' | 'ephemeralpodfs.limit' | 'ephemeralcontainerfs.limit';
  /** In upstream's words. */
  readonly message: string;
}

/** What the pod uses too much of; undefined when it keeps to its limits. */
export function storageExcess(pod: NodePod, use: StorageUse): StorageExcess | undefined {
  return emptyDirExcess(pod, use) ?? podExcess(pod, use) ?? containerExcess(pod, use);
}

function emptyDirExcess({ spec }: NodePod, { emptyDirs }: StorageUse): StorageExcess | undefined {
  for (const { name, emptyDir } of spec.volumes ?? []) {
    const limit = quantityValue(emptyDir?.sizeLimit);
    if (limit > 0 && (emptyDirs.get(name) ?? 0) > limit) {
      const message = `Usage of EmptyDir volume "${name}" exceeds the limit "${emptyDir?.sizeLimit}". `;
      return { signal: 'emptydirfs.limit', message };
    }
  }
  return undefined;
}

function podExcess(pod: NodePod, { emptyDirs, containers }: StorageUse): StorageExcess | undefined {
  const limit = podLimits(exactAmounts, pod).get(storage);
  const all = [...emptyDirs.values(), ...containers.values()].reduce((sum, bytes) => sum + bytes, 0);
  if (limit === undefined || all <= limit.value()) return undefined;
  const message = `Pod ephemeral local storage usage exceeds the total limit of containers ${limit}. `;
  return { signal: 'ephemeralpodfs.limit', message };
}

function containerExcess({ spec }: NodePod, { containers }: StorageUse): StorageExcess | undefined {
  for (const { name, resources } of spec.containers) {
    const limit = resources?.limits?.[storage];
    if (
      limit !== undefined &&
      quantityValue(limit) > 0 &&
      (containers.get(name) ?? 0) > quantityValue(limit)
    ) {
      const message = `Container ${name} exceeded its local ephemeral storage limit "${limit}". `;
      return { signal: 'ephemeralcontainerfs.limit', message };
    }
  }
  return undefined;
}
