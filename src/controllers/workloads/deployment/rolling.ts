/**
 * The steps of a rollout. RollingUpdate: never more than replicas + maxSurge pods, never fewer than replicas
 * - maxUnavailable available ones; unhealthy old pods are removed first. Recreate: all old pods are removed
 *   before the
 * first new one is created. Each function returns whether it changed a size; one change in each round, the
 * rest when it has taken effect.
 */

import { isPodTerminal } from '#api/pods/state.ts';
import { availableOf, type DeploymentDraft, type DraftReplicaSet, replicasOf, sum } from './draft.ts';

/** Permitted size of the new ReplicaSet now. */
export function newReplicasWanted(draft: DeploymentDraft, target: DraftReplicaSet): number {
  if (!draft.isRolling) return draft.replicas;
  const total = sum(draft.all, replicasOf);
  const totalMax = draft.replicas + draft.limits.surge;
  if (total >= totalMax) return replicasOf(target);
  return replicasOf(target) + Math.min(totalMax - total, draft.replicas - replicasOf(target));
}

export function scaleNew(draft: DeploymentDraft): boolean {
  const target = draft.current!;
  if (replicasOf(target) === draft.replicas) return false;
  if (replicasOf(target) > draft.replicas) return draft.scale(target, draft.replicas);
  return draft.scale(target, newReplicasWanted(draft, target));
}

export function scaleDownOld(draft: DeploymentDraft): boolean {
  if (sum(draft.old, replicasOf) === 0) return false;
  const availableMin = draft.replicas - draft.limits.unavailable;
  const newUnavailable = replicasOf(draft.current!) - availableOf(draft.current!);
  const removableMax = sum(draft.all, replicasOf) - availableMin - newUnavailable;
  if (removableMax <= 0) return false;
  const unhealthyGone = removeUnhealthy(draft, removableMax);
  const healthyGone = removeHealthy(draft, sum(draft.all, availableOf) - availableMin);
  return unhealthyGone || healthyGone;
}

/** Old pods that are not available are removed first: they would only block the rollout. */
function removeUnhealthy(draft: DeploymentDraft, countMax: number): boolean {
  let left = countMax;
  let changed = false;
  for (const old of draft.old) {
    const count = Math.min(left, replicasOf(old) - availableOf(old));
    if (count <= 0) continue;
    left -= count;
    changed = draft.scale(old, replicasOf(old) - count) || changed;
  }
  return changed;
}

function removeHealthy(draft: DeploymentDraft, countMax: number): boolean {
  let left = countMax;
  let changed = false;
  for (const old of draft.old) {
    const count = Math.min(left, replicasOf(old));
    if (count <= 0) continue;
    left -= count;
    changed = draft.scale(old, replicasOf(old) - count) || changed;
  }
  return changed;
}

export function scaleOldToZero(draft: DeploymentDraft): boolean {
  let changed = false;
  for (const old of draft.old) changed = draft.scale(old, 0) || changed;
  return changed;
}

/** Recreate waits for the last old pod to be gone, terminating ones included. */
export function areOldPodsLeft(draft: DeploymentDraft): boolean {
  if (sum(draft.old, ({ object }) => object.status?.replicas ?? 0) > 0) return true;
  return draft.old.some(({ stored }) => draft.view.podsOf(stored!).some((pod) => !isPodTerminal(pod)));
}
