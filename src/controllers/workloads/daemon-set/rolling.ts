/**
 * The next step of a DaemonSet's rolling update.
 *
 * Without surge: old pods that are not available are deleted at once, others as far as maxUnavailable
 * permits; missing pods and new ones that are not available yet count against it. With surge: the new pod is
 * created first, on at most maxSurge nodes beside an available old one, and the old one is deleted when the
 * new one is available.
 */

import type { DaemonSet, Node, Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { isPodAvailable } from '#api/pods/state.ts';
import { resolveIntOrPercent } from '../../shared/int-or-percent.ts';
import { isUpToDate, type Place } from './nodes.ts';

export interface RollingView {
  readonly set: Stored<DaemonSet>;
  readonly hash: string;
  readonly nowMs: number;
}

export interface RollingStep {
  readonly remove: Stored<Pod>[];
  readonly createOn: Stored<Node>[];
}

/**
 * The one old and the one new pod of a node; undefined when there are duplicates, which must be deleted
 * first.
 */
interface Pair {
  readonly place: Place;
  readonly fresh: Stored<Pod> | undefined;
  readonly old: Stored<Pod> | undefined;
}

export function isSurging(set: DaemonSet): boolean {
  const { maxSurge } = set.spec?.updateStrategy?.rollingUpdate ?? {};
  return set.spec?.updateStrategy?.type !== 'OnDelete' && resolveIntOrPercent(maxSurge, 100, 'up') > 0;
}

export function roll(view: RollingView, places: readonly Place[]): RollingStep {
  const { maxSurge, maxUnavailable } = view.set.spec?.updateStrategy?.rollingUpdate ?? {};
  const wanted = places.filter(({ shouldRun }) => shouldRun).length;
  const touched = places.filter(({ shouldRun, pods }) => shouldRun || pods.length > 0);
  const pairs = touched.map((place) => pairOn(view, place));
  const surge = resolveIntOrPercent(maxSurge, wanted, 'up');
  if (surge > 0) return surgeStep(view, pairs, surge);
  // If both are 0 the update could never progress: then one at a time.
  const unavailable = Math.max(1, resolveIntOrPercent(maxUnavailable ?? 1, wanted, 'up'));
  return { remove: replaceStep(view, pairs, unavailable), createOn: [] };
}

function pairOn({ set, hash }: RollingView, place: Place): Pair | undefined {
  const living = place.pods.filter((pod) => !pod.metadata.deletionTimestamp);
  const fresh = living.filter((pod) => isUpToDate(set, pod, hash));
  const old = living.filter((pod) => !fresh.includes(pod));
  if (fresh.length > 1 || old.length > 1) return undefined;
  return { place, fresh: fresh[0], old: old[0] };
}

function replaceStep(
  view: RollingView,
  pairs: readonly (Pair | undefined)[],
  unavailableMax: number,
): Stored<Pod>[] {
  const serves = servesIn(view);
  let unavailable = 0;
  const idle: Stored<Pod>[] = [];
  const serving: Stored<Pod>[] = [];
  for (const pair of pairs) {
    const { fresh, old } = pair ?? {};
    if (old && !fresh) (serves(old) ? serving : idle).push(old);
    else if (!fresh || old || !serves(fresh)) unavailable++;
  }
  return [...idle, ...serving.slice(0, Math.max(0, unavailableMax - unavailable))];
}

function surgeStep(view: RollingView, pairs: readonly (Pair | undefined)[], surgeMax: number): RollingStep {
  const serves = servesIn(view);
  let surging = 0;
  const remove: Stored<Pod>[] = [];
  const replacing: Stored<Node>[] = [];
  const candidates: Stored<Node>[] = [];
  for (const pair of pairs) {
    if (!pair) {
      surging++;
      continue;
    }
    const { place, fresh, old } = pair;
    if (!old) continue;
    if (!fresh) {
      if (!place.shouldRun) remove.push(old);
      else (serves(old) ? candidates : replacing).push(place.node);
    } else if (!serves(old)) remove.push(old);
    else {
      surging++;
      if (serves(fresh)) remove.push(old);
    }
  }
  return { remove, createOn: [...replacing, ...candidates.slice(0, Math.max(0, surgeMax - surging))] };
}

function servesIn({ set, nowMs }: RollingView): (pod: Pod) => boolean {
  return (pod) => isPodAvailable(pod, set.spec?.minReadySeconds ?? 0, nowMs);
}
