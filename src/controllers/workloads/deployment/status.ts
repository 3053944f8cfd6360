/** The status of a Deployment: its counts, its availability, and the progress of its rollout. */

import type { Deployment, DeploymentStatus } from '#api/generated/types.gen.ts';
import { rfc3339 } from '#base/clock.ts';
import { withoutZeros } from '../../shared/without-zeros.ts';
import { availableOf, type DeploymentDraft, type DraftReplicaSet, sum } from './draft.ts';

/** The status without the progress of a rollout: for paused and merely scaled Deployments. */
export function plainStatus(draft: DeploymentDraft): DeploymentStatus {
  const { deployment, replicas, limits } = draft;
  const all = draft.all;
  const available = sum(all, availableOf);
  if (available >= replicas - limits.unavailable) {
    const message = 'Deployment has minimum availability.';
    draft.setCondition('Available', 'True', 'MinimumReplicasAvailable', message);
  } else {
    const message = 'Deployment does not have minimum availability.';
    draft.setCondition('Available', 'False', 'MinimumReplicasUnavailable', message);
  }
  const total = sum(all, actual);
  const terminating = all.map(({ object }) => object.status?.terminatingReplicas);
  const { collisionCount } = deployment.status ?? {};
  return {
    ...withoutZeros({
      observedGeneration: deployment.metadata.generation ?? 0,
      replicas: total,
      updatedReplicas: draft.current ? actual(draft.current) : 0,
      readyReplicas: sum(all, ({ object }) => object.status?.readyReplicas ?? 0),
      availableReplicas: available,
      unavailableReplicas: Math.max(0, total - available),
    }),
    ...(terminating.includes(undefined) ? {} : { terminatingReplicas: countAll(terminating) }),
    ...(collisionCount === undefined ? {} : { collisionCount }),
    conditions: draft.conditions,
  };
}

/** The status of a rollout: complete, progressing, or beyond its deadline. */
export function rolloutStatus(draft: DeploymentDraft): DeploymentStatus {
  const before = draft.condition('Progressing');
  const status = plainStatus(draft);
  if (!draft.hasDeadline) draft.dropCondition('Progressing');
  const wasComplete =
    (status.replicas ?? 0) === (status.updatedReplicas ?? 0) && before?.reason === 'NewReplicaSetAvailable';
  if (draft.hasDeadline && !wasComplete) judgeProgress(draft, status);
  reportReplicaFailure(draft);
  return { ...status, conditions: draft.conditions };
}

function judgeProgress(draft: DeploymentDraft, status: DeploymentStatus): void {
  const { current, deployment } = draft;
  const subject = current
    ? `ReplicaSet "${current.object.metadata?.name}"`
    : `Deployment "${deployment.metadata.name}"`;
  if (isComplete(deployment, status)) {
    const message = `${subject} has successfully progressed.`;
    draft.setCondition('Progressing', 'True', 'NewReplicaSetAvailable', message);
  } else if (isProgressing(deployment, status)) {
    renewProgress(draft, `${subject} is progressing.`);
  } else if (hasTimedOut(draft)) {
    const message = `${subject} has timed out progressing.`;
    draft.setCondition('Progressing', 'False', 'ProgressDeadlineExceeded', message);
  }
}

/** Updated with every step, so that the deadline counts from the last one; the transition time is kept. */
function renewProgress(draft: DeploymentDraft, message: string): void {
  const before = draft.condition('Progressing');
  const now = rfc3339(draft.nowMs);
  draft.dropCondition('Progressing');
  draft.conditions.push({
    type: 'Progressing',
    status: 'True',
    lastUpdateTime: now,
    lastTransitionTime: (before?.status === 'True' ? before.lastTransitionTime : undefined) ?? now,
    reason: 'ReplicaSetUpdated',
    message,
  });
}

/** All pods are of the new template and available, and no old ones are left. */
export function isComplete(deployment: Deployment, status: DeploymentStatus): boolean {
  const replicas = deployment.spec?.replicas ?? 1;
  return (
    (status.updatedReplicas ?? 0) === replicas &&
    (status.replicas ?? 0) === replicas &&
    (status.availableReplicas ?? 0) === replicas &&
    (status.observedGeneration ?? 0) >= (deployment.metadata?.generation ?? 0)
  );
}

function isProgressing(deployment: Deployment, status: DeploymentStatus): boolean {
  const before = deployment.status ?? {};
  const oldPods = (status: DeploymentStatus) => (status.replicas ?? 0) - (status.updatedReplicas ?? 0);
  return (
    (status.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    oldPods(status) < oldPods(before) ||
    (status.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (status.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  );
}

function hasTimedOut(draft: DeploymentDraft): boolean {
  const condition = draft.condition('Progressing');
  if (!condition || condition.reason === 'NewReplicaSetAvailable') return false;
  if (condition.reason === 'ProgressDeadlineExceeded') return true;
  return (deadlineInMs(draft) ?? 1) < 0;
}

/** Time left until the deadline of a rollout that is still going on. */
function deadlineInMs(draft: DeploymentDraft): number | undefined {
  const since = draft.condition('Progressing')?.lastUpdateTime;
  if (!draft.hasDeadline || !since) return undefined;
  return Date.parse(since) + draft.spec.progressDeadlineSeconds! * 1000 - draft.nowMs;
}

/** When to look again in case nothing changes: a second after the deadline. */
export function checkDeadlineInMs(draft: DeploymentDraft, status: DeploymentStatus): number | undefined {
  const condition = draft.condition('Progressing');
  if (condition?.reason === 'ProgressDeadlineExceeded' || isComplete(draft.deployment, status)) {
    return undefined;
  }
  const leftMs = deadlineInMs(draft);
  return leftMs === undefined ? undefined : Math.max(0, leftMs) + 1000;
}

function reportReplicaFailure(draft: DeploymentDraft): void {
  const candidates = draft.current ? [draft.current, ...draft.old] : draft.old;
  const failure = candidates
    .flatMap(({ object }) => object.status?.conditions ?? [])
    .find(({ type }) => type === 'ReplicaFailure');
  if (!failure) {
    draft.dropCondition('ReplicaFailure');
    return;
  }
  const { type, status, lastTransitionTime, reason = '', message = '' } = failure;
  draft.setCondition(type, status, reason, message, lastTransitionTime);
}

function actual({ object }: DraftReplicaSet): number {
  return object.status?.replicas ?? 0;
}

function countAll(counts: readonly (number | undefined)[]): number {
  return counts.reduce<number>((total, count) => total + (count ?? 0), 0);
}
