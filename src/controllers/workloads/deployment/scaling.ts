/**
 * What a change of `spec.replicas` does outside of a rollout step: the only active ReplicaSet gets the size;
 * in the middle of a rollout each gets its share, the largest the rest, so that the risk of the new version
 * stays in proportion.
 */

import {
  availableOf,
  byCreation,
  type DeploymentDraft,
  type DraftReplicaSet,
  desiredAnnotation,
  maxAnnotation,
  numberAnnotation,
  replicasOf,
  sum,
} from './draft.ts';
import { scaleOldToZero } from './rolling.ts';

/** Whether `spec.replicas` has changed since the ReplicaSets were last scaled. */
export function isScalingEvent(draft: DeploymentDraft): boolean {
  return active(draft.all).some(({ object }) => {
    const desired = numberAnnotation(object, desiredAnnotation);
    return desired !== undefined && desired !== draft.replicas;
  });
}

export function scaleDeployment(draft: DeploymentDraft): void {
  const only = activeOrLatest(draft);
  if (only) {
    if (replicasOf(only) !== draft.replicas) draft.scale(only, draft.replicas);
    return;
  }
  if (isSaturated(draft)) scaleOldToZero(draft);
  else if (draft.isRolling) scaleInProportion(draft);
}

function active(drafts: readonly DraftReplicaSet[]): DraftReplicaSet[] {
  return drafts.filter((draft) => replicasOf(draft) > 0);
}

/**
 * The only ReplicaSet with pods; if none has pods, the current or else the newest one; undefined when several
 * have pods.
 */
function activeOrLatest(draft: DeploymentDraft): DraftReplicaSet | undefined {
  const withPods = active(draft.all);
  if (withPods.length > 1) return undefined;
  return withPods[0] ?? draft.current ?? draft.old.at(-1);
}

function isSaturated(draft: DeploymentDraft): boolean {
  const { current, replicas } = draft;
  if (!current) return false;
  const desired = numberAnnotation(current.object, desiredAnnotation);
  return desired === replicas && replicasOf(current) === replicas && availableOf(current) === replicas;
}

function scaleInProportion(draft: DeploymentDraft): void {
  const targets = active(draft.all);
  const totalMax = draft.replicas > 0 ? draft.replicas + draft.limits.surge : 0;
  const toAdd = totalMax - sum(targets, replicasOf);
  // Of two equally large ReplicaSets, scaling up favours the newer, scaling down the older.
  const newerFirst = toAdd > 0;
  targets.sort((a, b) => {
    const bySize = replicasOf(b) - replicasOf(a);
    return bySize || (newerFirst ? byCreation(b.object, a.object) : byCreation(a.object, b.object));
  });
  let added = 0;
  const sizes = targets.map((target) => {
    const share = shareOf(draft, target, toAdd, added);
    added += share;
    return replicasOf(target) + share;
  });
  if (sizes.length > 0) sizes[0] = Math.max(0, sizes[0]! + toAdd - added);
  for (const [i, target] of targets.entries()) {
    // Also when the size does not change: the next share is one of the new total.
    draft.annotateSizes(target);
    draft.scale(target, sizes[i]!);
  }
}

function shareOf(draft: DeploymentDraft, target: DraftReplicaSet, toAdd: number, added: number): number {
  if (toAdd === 0 || toAdd === added) return 0;
  const fraction = fractionOf(draft, target);
  const left = toAdd - added;
  return toAdd > 0 ? Math.min(fraction, left) : Math.max(fraction, left);
}

function fractionOf(draft: DeploymentDraft, target: DraftReplicaSet): number {
  if (draft.replicas === 0) return -replicasOf(target);
  const sizedFor = numberAnnotation(target.object, maxAnnotation) || draft.deployment.status?.replicas || 0;
  if (sizedFor === 0) return 0;
  const size = (replicasOf(target) * (draft.replicas + draft.limits.surge)) / sizedFor;
  return Math.round(size) - replicasOf(target);
}
