/**
 * What to do about one Deployment, from its and its ReplicaSets' observed state.
 *
 *   - deleting: report only
 *   - paused: scale, clean up, report
 *   - size changed: scale in proportion, report
 *   - RollingUpdate: find or create the new ReplicaSet; scale it up, or the old ones down; clean up when
 *     complete; report
 *   - Recreate: scale the old ones to zero; then create and scale up the new; clean up when complete; report
 */

import type { DeploymentStatus, ReplicaSet } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { deepEqual } from '#api/schema/deep-equal.ts';
import { DeploymentDraft, type DeploymentView, type DraftEvent } from './draft.ts';
import { cleanUpHistory, syncRevision } from './revision.ts';
import { areOldPodsLeft, scaleDownOld, scaleNew, scaleOldToZero } from './rolling.ts';
import { isScalingEvent, scaleDeployment } from './scaling.ts';
import { checkDeadlineInMs, isComplete, plainStatus, rolloutStatus } from './status.ts';

/** What is to change, as objects: `deployment.ts` makes the actions of a plan of it. */
export interface DeploymentChanges {
  readonly create?: ReplicaSet;
  readonly update: ReplicaSet[];
  readonly delete: Stored<ReplicaSet>[];
  readonly events: DraftEvent[];
  readonly status: DeploymentStatus;
  /** Wanted revision annotation of the Deployment. */
  readonly revision?: string;
  readonly againInMs?: number;
}

export function decideDeployment(view: DeploymentView): DeploymentChanges {
  const draft = new DeploymentDraft(view);
  if (view.deployment.metadata.deletionTimestamp) {
    syncRevision(draft, false);
    return conclude(draft, plainStatus(draft));
  }
  notePause(draft);
  if (draft.spec.paused || isScalingEvent(draft)) {
    syncRevision(draft, false);
    scaleDeployment(draft);
    if (draft.spec.paused) cleanUpHistory(draft);
    return conclude(draft, plainStatus(draft));
  }
  if (draft.isRolling) rollingUpdate(draft);
  else recreate(draft);
  const status = rolloutStatus(draft);
  const againInMs = checkDeadlineInMs(draft, status);
  return { ...conclude(draft, status), ...(againInMs === undefined ? {} : { againInMs }) };
}

/** A paused rollout does not exceed its deadline, which starts again when it is resumed. */
function notePause(draft: DeploymentDraft): void {
  const condition = draft.condition('Progressing');
  if (!draft.hasDeadline || condition?.reason === 'ProgressDeadlineExceeded') return;
  const wasPaused = condition?.reason === 'DeploymentPaused';
  if (draft.spec.paused && !wasPaused) {
    draft.setCondition('Progressing', 'Unknown', 'DeploymentPaused', 'Deployment is paused');
  } else if (!draft.spec.paused && wasPaused) {
    draft.setCondition('Progressing', 'Unknown', 'DeploymentResumed', 'Deployment is resumed');
  }
}

function rollingUpdate(draft: DeploymentDraft): void {
  syncRevision(draft, true);
  if (scaleNew(draft) || scaleDownOld(draft)) return;
  cleanUpIfComplete(draft);
}

function recreate(draft: DeploymentDraft): void {
  syncRevision(draft, false);
  if (scaleOldToZero(draft) || areOldPodsLeft(draft)) return;
  if (!draft.current) syncRevision(draft, true);
  else scaleNew(draft);
  cleanUpIfComplete(draft);
}

function cleanUpIfComplete(draft: DeploymentDraft): void {
  if (isComplete(draft.deployment, draft.deployment.status ?? {})) cleanUpHistory(draft);
}

function conclude(draft: DeploymentDraft, status: DeploymentStatus): DeploymentChanges {
  const changed = draft.all.filter(
    ({ stored, object }) => stored && !deepEqual(stored, object, 'io.k8s.api.apps.v1.ReplicaSet'),
  );
  const create = draft.current && !draft.current.stored ? draft.current.object : undefined;
  return {
    ...(create ? { create } : {}),
    update: changed.map(({ object }) => object),
    delete: draft.deletions,
    events: draft.events,
    status,
    ...(draft.revision === undefined ? {} : { revision: draft.revision }),
  };
}
