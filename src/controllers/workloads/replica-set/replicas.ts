/**
 * The decision shared by ReplicaSets and ReplicationControllers: how many pods to create, which to delete,
 * and the status.
 *
 *   1. adopt and release pods by the selector
 *   2. compare the active pods with `spec.replicas`, unless earlier creations or deletions are not observed
 *      yet
 *   3. create in batches that double while they succeed, or delete the lowest ranked, at most 500 at once
 *   4. report counts, and ReplicaFailure when a creation or deletion was rejected
 */

import type {
  Pod,
  ReplicaSet,
  ReplicaSetCondition,
  ReplicaSetStatus,
  ReplicationController,
} from '#api/generated/types.gen.ts';
import { conditionOf } from '#api/meta/conditions.ts';
import type { Stored } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import {
  isPodActive,
  isPodAvailable,
  isPodReady,
  isPodTerminating,
  nextAvailableInMs,
} from '#api/pods/state.ts';
import { deepEqual } from '#api/schema/deep-equal.ts';
import { rfc3339 } from '#base/clock.ts';
import {
  type Action,
  type CreateAction,
  type DeleteAction,
  type Plan,
  planOf,
} from '#client/controllers/plan.ts';
import { type Allowance, nothingAgainMs, planChangesMax } from '#client/queue/write-pace.ts';
import { rankForDeletion } from '../../shared/deletion-ranking.ts';
import { matchesLabels } from '../../shared/label-selector.ts';
import { podFromTemplate } from '../../shared/pod-from-template.ts';
import { createPod, deletePod } from '../../shared/pod-steps.ts';
import { withoutZeros } from '../../shared/without-zeros.ts';

const replicaFailure = 'ReplicaFailure';

export type Replicated = ReplicaSet | ReplicationController;

export interface ReplicasView {
  readonly type: ResourceType<Replicated>;
  readonly owner: Stored<Replicated>;
  /** The pods it owns, active or not. */
  readonly pods: readonly Stored<Pod>[];
  /** Pods that count for crowding on nodes when pods are ranked for deletion. */
  related(): readonly Stored<Pod>[];
  /** False while earlier changes have not been observed: then only the status is updated. */
  readonly mayChange: boolean;
  readonly nowMs: number;
  /** Called once, for the missing pods. */
  allowance(missing: number): Allowance;
  /** ReplicaSets report terminating pods, ReplicationControllers do not. */
  readonly reportsTerminating: boolean;
}

export function decideReplicas(view: ReplicasView): Plan {
  const { owner, pods, nowMs, mayChange } = view;
  const active = pods.filter(isPodActive);
  const missing = (owner.spec?.replicas ?? 1) - active.length;
  const actions: Action[] = [];
  const isShort = mayChange && missing !== 0 && !owner.metadata.deletionTimestamp;
  const allowance = isShort && missing > 0 ? view.allowance(missing) : undefined;
  const changes =
    isShort && (allowance ? creations(view, allowance.count) : deletions(view, active, -missing));
  if (changes && changes.length > 0) {
    actions.push({
      do: 'together',
      actions: changes,
      slowStart: missing > 0,
      ...(allowance ? { allowance } : {}),
      expected: true,
      ifFailed: statusActions(view, active, missing > 0 ? 'FailedCreate' : 'FailedDelete'),
    });
  }
  actions.push(...statusActions(view, active, undefined));
  if (changes && changes.length === 0) return { actions, againInMs: nothingAgainMs };
  const againInMs = nextAvailableInMs(active, owner.spec?.minReadySeconds ?? 0, nowMs);
  return planOf(actions, againInMs);
}

function creations({ type, owner }: ReplicasView, count: number): CreateAction[] {
  if (count === 0) return [];
  const step = createPod(owner, podFromTemplate(type, owner, owner.spec?.template ?? {}));
  return Array.from({ length: count }, () => step);
}

function deletions(view: ReplicasView, active: Stored<Pod>[], surplus: number): DeleteAction[] {
  const { owner, nowMs } = view;
  const ranked = surplus < active.length ? rankForDeletion(active, view.related(), nowMs) : active;
  return ranked.slice(0, Math.min(surplus, planChangesMax)).map((pod) => deletePod(owner, pod));
}

/** `failed`: the reason of ReplicaFailure, when pods could not be created or deleted. */
function statusActions(
  view: ReplicasView,
  active: readonly Stored<Pod>[],
  failed: string | undefined,
): Action[] {
  const { type, owner, nowMs } = view;
  const before = conditionOf(owner.status, replicaFailure);
  // While it keeps failing, the first failure stays.
  const failure = failed === undefined ? undefined : (before ?? failureNow(failed, nowMs));
  const status = replicasStatus(view, active, failure);
  if (deepEqual(owner.status, status)) return [];
  const object: Stored<Replicated> = { ...owner, status };
  const isNew = failure !== undefined && failure !== before;
  return [{ do: 'updateStatus', type, object, ...(isNew ? { failureIn: replicaFailure } : {}) }];
}

/** The message is left for the failure to fill in. */
function failureNow(reason: string, nowMs: number): ReplicaSetCondition {
  const lastTransitionTime = rfc3339(nowMs);
  return { type: replicaFailure, status: 'True', lastTransitionTime, reason, message: '' };
}

export function replicasStatus(
  view: ReplicasView,
  active: readonly Stored<Pod>[],
  failure: ReplicaSetCondition | undefined,
): ReplicaSetStatus {
  const { owner, nowMs, reportsTerminating } = view;
  const templateLabels = owner.spec?.template?.metadata?.labels ?? {};
  const minReadySeconds = owner.spec?.minReadySeconds ?? 0;
  const counts = { labelled: 0, ready: 0, available: 0 };
  for (const pod of active) {
    if (matchesLabels(templateLabels, pod.metadata.labels)) counts.labelled++;
    if (!isPodReady(pod)) continue;
    counts.ready++;
    if (isPodAvailable(pod, minReadySeconds, nowMs)) counts.available++;
  }
  const conditions = (owner.status?.conditions ?? []).filter(({ type }) => type !== replicaFailure);
  if (failure) conditions.push(failure);
  return {
    replicas: active.length,
    ...withoutZeros({
      fullyLabeledReplicas: counts.labelled,
      readyReplicas: counts.ready,
      availableReplicas: counts.available,
      observedGeneration: owner.metadata.generation ?? 0,
    }),
    ...(reportsTerminating ? { terminatingReplicas: view.pods.filter(isPodTerminating).length } : {}),
    ...(conditions.length > 0 ? { conditions } : {}),
  };
}
