/**
 * The next step of a StatefulSet's rolling update: from the highest ordinal down to the partition, pods of older
 * templates go, as many at a time as maxUnavailable allows (one when nothing is said).
 */

import type { Stored } from '#api/object.ts';
import type { Pod, StatefulSet } from '#api/types.gen.ts';
import { resolveIntOrPercent } from './int-or-percent.ts';

export interface StatefulRolling {
  readonly set: StatefulSet;
  /** By place, the lowest ordinal first. All are there. */
  readonly replicas: readonly Stored<Pod>[];
  isOld(pod: Stored<Pod>): boolean;
  isHealthy(pod: Stored<Pod>): boolean;
}

export function rollStateful(rolling: StatefulRolling): Stored<Pod>[] {
  const { set, replicas } = rolling;
  const { partition = 0, maxUnavailable } = set.spec?.updateStrategy?.rollingUpdate ?? {};
  const unavailableMax = Math.max(1, resolveIntOrPercent(maxUnavailable ?? 1, replicas.length, 'down'));
  const fromTop = replicas.slice(Math.min(partition, replicas.length)).reverse();
  return unavailableMax === 1 ? oneByOne(rolling, fromTop) : several(rolling, fromTop, unavailableMax);
}

/** The first old one goes, healthy or not; one that is not healthy is waited for. */
function oneByOne({ isOld, isHealthy }: StatefulRolling, fromTop: readonly Stored<Pod>[]): Stored<Pod>[] {
  for (const pod of fromTop) {
    if (isOld(pod) && !pod.metadata.deletionTimestamp) return [pod];
    if (!isHealthy(pod)) return [];
  }
  return [];
}

/** Replacing one that serves nobody costs nothing. */
function several(
  { replicas, isOld, isHealthy }: StatefulRolling,
  fromTop: readonly Stored<Pod>[],
  unavailableMax: number,
): Stored<Pod>[] {
  let left = unavailableMax - replicas.filter((pod) => !isHealthy(pod)).length;
  return fromTop.filter((pod) => {
    if (!isOld(pod) || pod.metadata.deletionTimestamp) return false;
    return !isHealthy(pod) || left-- > 0;
  });
}
