/**
 * The next step of a StatefulSet's rolling update: from the highest ordinal down to the partition, one pod of
 * an older template at a time. Upstream's gate MaxUnavailableStatefulSet is off by default, so
 * `maxUnavailable` does not count.
 */

import type { Pod, StatefulSet } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';

export interface StatefulRolling {
  readonly set: StatefulSet;
  /** By ordinal, the lowest first; none is missing. */
  readonly replicas: readonly Stored<Pod>[];
  isOld(pod: Stored<Pod>): boolean;
  isHealthy(pod: Stored<Pod>): boolean;
}

/** The pod to delete: the first old one, healthy or not. An updated pod that is unhealthy is waited for. */
export function nextToReplace({ set, replicas, isOld, isHealthy }: StatefulRolling): Stored<Pod> | undefined {
  const partition = set.spec?.updateStrategy?.rollingUpdate?.partition ?? 0;
  for (const pod of replicas.slice(partition).reverse()) {
    if (isOld(pod) && !pod.metadata.deletionTimestamp) return pod;
    if (!isHealthy(pod)) return undefined;
  }
  return undefined;
}
