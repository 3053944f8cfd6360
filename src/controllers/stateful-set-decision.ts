/**
 * What to do about one StatefulSet, one step at a time unless it is Parallel.
 *
 *   1. from the lowest ordinal: make the missing pod (its claims first), replace one that has ended, and wait until each
 *      is ready before the next
 *   2. from the highest: remove what is beyond the replicas
 *   3. RollingUpdate: from the highest down to the partition, replace pods of older templates, waiting for each
 */

import { deepEqual } from '#api/deep-equal.ts';
import { persistentVolumeClaims, pods as podsType, statefulSets } from '#api/kinds.gen.ts';
import type { Stored } from '#api/object.ts';
import { StatusError } from '#api/status.ts';
import type {
  PersistentVolumeClaim,
  Pod,
  PodTemplateSpec,
  StatefulSet,
  StatefulSetStatus,
} from '#api/types.gen.ts';
import type { Action, Plan } from '#client/controller.ts';
import { withoutZeros } from './counts.ts';
import { availableInMs, isPodAvailable, isPodReady, isPodTerminal } from './pod-state.ts';
import { claimsOf, ordinalOf, podName, podOfStatefulSet, revisionLabel } from './stateful-set-pod.ts';

export interface Revision {
  readonly name: string;
  readonly template: PodTemplateSpec;
}

export interface StatefulSetView {
  readonly set: Stored<StatefulSet>;
  readonly pods: readonly Stored<Pod>[];
  /** What pods below the partition are made from, and what all others are. */
  readonly current: Revision;
  readonly update: Revision;
  hasClaim(name: string): boolean;
  readonly nowMs: number;
}

export function decideStatefulSet(view: StatefulSetView): Plan {
  const { set, pods, nowMs } = view;
  const actions = set.metadata.deletionTimestamp ? [] : steps(view);
  const status = statusOf(view);
  const object: Stored<StatefulSet> = { ...set, status };
  if (!deepEqual(set.status, status)) actions.push({ do: 'updateStatus', type: statefulSets, object });
  const waits = pods
    .map((pod) => availableInMs(pod, set.spec?.minReadySeconds ?? 0, nowMs) ?? 0)
    .filter((waitMs) => waitMs > 0);
  return waits.length > 0 ? { actions, againInMs: Math.min(...waits) } : { actions };
}

function steps(view: StatefulSetView): Action[] {
  const { set, pods } = view;
  const isOrdered = set.spec?.podManagementPolicy !== 'Parallel';
  const { start, end } = rangeOf(set);
  const byOrdinal = new Map(pods.map((pod) => [ordinalOf(set, pod), pod]));
  const actions: Action[] = [];
  for (let ordinal = start; ordinal < end; ordinal++) {
    const pod = byOrdinal.get(ordinal);
    if (!pod) actions.push(...create(view, ordinal));
    else if (isPodTerminal(pod) && !pod.metadata.deletionTimestamp) actions.push(...replaceEnded(view, pod));
    if (isOrdered && (!pod || !isHealthy(view, pod))) return actions;
  }
  const surplus = pods
    .filter((pod) => !isWithin(view, pod))
    .sort((a, b) => ordinalOf(set, b)! - ordinalOf(set, a)!);
  for (const pod of surplus) {
    if (!pod.metadata.deletionTimestamp) actions.push(...remove(view, pod));
    if (isOrdered) return actions;
  }
  if (actions.length === 0 && set.spec?.updateStrategy?.type !== 'OnDelete')
    actions.push(...roll(view, byOrdinal));
  return actions;
}

function roll(view: StatefulSetView, byOrdinal: ReadonlyMap<number | undefined, Stored<Pod>>): Action[] {
  const { set, update } = view;
  const { start, end } = rangeOf(set);
  const first = Math.max(start, start + partitionOf(set));
  for (let ordinal = end - 1; ordinal >= first; ordinal--) {
    const pod = byOrdinal.get(ordinal);
    if (!pod) return [];
    const isOld = pod.metadata.labels?.[revisionLabel] !== update.name;
    if (isOld && !pod.metadata.deletionTimestamp) return remove(view, pod);
    if (!isHealthy(view, pod)) return [];
  }
  return [];
}

function rangeOf(set: StatefulSet): { start: number; end: number } {
  const start = set.spec?.ordinals?.start ?? 0;
  return { start, end: start + (set.spec?.replicas ?? 1) };
}

function partitionOf(set: StatefulSet): number {
  return set.spec?.updateStrategy?.rollingUpdate?.partition ?? 0;
}

function isWithin({ set }: StatefulSetView, pod: Stored<Pod>): boolean {
  const { start, end } = rangeOf(set);
  const ordinal = ordinalOf(set, pod)!;
  return ordinal >= start && ordinal < end;
}

function isHealthy({ set, nowMs }: StatefulSetView, pod: Stored<Pod>): boolean {
  if (pod.metadata.deletionTimestamp || pod.status?.phase !== 'Running') return false;
  return isPodAvailable(pod, set.spec?.minReadySeconds ?? 0, nowMs);
}

function create(view: StatefulSetView, ordinal: number): Action[] {
  const { set, current, update } = view;
  const isBelow =
    set.spec?.updateStrategy?.type !== 'OnDelete' && ordinal < rangeOf(set).start + partitionOf(set);
  const { template, name: revision } = isBelow ? current : update;
  const pod = podName(set, ordinal);
  const claims = claimsOf(set, ordinal).filter((claim) => !view.hasClaim(claim.metadata!.name!));
  return [
    ...claims.map((claim) => createClaim(set, pod, claim)),
    {
      do: 'together',
      actions: [
        {
          do: 'create',
          type: podsType,
          object: podOfStatefulSet(set, ordinal, template, revision),
          afterwards: () => [
            tell(
              set,
              'Normal',
              'SuccessfulCreate',
              `create Pod ${pod} in StatefulSet ${set.metadata.name} successful`,
            ),
          ],
        },
      ],
      afterFailure: ([failure]) => {
        // There already: the view was older than the pod.
        if (failure?.error instanceof StatusError && failure.error.reason === 'AlreadyExists') return [];
        const message = `create Pod ${pod} in StatefulSet ${set.metadata.name} failed error: ${failure?.error.message}`;
        return [tell(set, 'Warning', 'FailedCreate', message)];
      },
    },
  ];
}

function createClaim(set: Stored<StatefulSet>, pod: string, object: PersistentVolumeClaim): Action {
  const message = `create Claim ${object.metadata?.name} Pod ${pod} in StatefulSet ${set.metadata.name} success`;
  return {
    do: 'create',
    type: persistentVolumeClaims,
    object,
    afterwards: () => [tell(set, 'Normal', 'SuccessfulCreate', message)],
  };
}

function replaceEnded(view: StatefulSetView, pod: Stored<Pod>): Action[] {
  const { set } = view;
  const message = `StatefulSet ${set.metadata.namespace}/${set.metadata.name} is recreating terminated Pod ${pod.metadata.name}`;
  return [tell(set, 'Normal', 'RecreatingTerminatedPod', message), ...remove(view, pod)];
}

function remove({ set }: StatefulSetView, { metadata: { namespace, name, uid } }: Stored<Pod>): Action[] {
  const message = `delete Pod ${name} in StatefulSet ${set.metadata.name} successful`;
  const afterwards = () => [tell(set, 'Normal', 'SuccessfulDelete', message)];
  return [{ do: 'delete', type: podsType, namespace: namespace!, name, uid, afterwards }];
}

function statusOf(view: StatefulSetView): StatefulSetStatus {
  const { set, pods, current, update, nowMs } = view;
  const minReady = set.spec?.minReadySeconds ?? 0;
  const ofRevision = (name: string) =>
    pods.filter(({ metadata }) => !metadata.deletionTimestamp && metadata.labels?.[revisionLabel] === name)
      .length;
  const updated = ofRevision(update.name);
  const ready = pods.filter((pod) => pod.status?.phase === 'Running' && isPodReady(pod)).length;
  const isRolledOut =
    set.spec?.updateStrategy?.type !== 'OnDelete' && updated === pods.length && ready === pods.length;
  const currentRevision = isRolledOut ? update.name : current.name;
  const { collisionCount } = set.status ?? {};
  return {
    replicas: pods.length,
    availableReplicas: pods.filter((pod) => isPodAvailable(pod, minReady, nowMs)).length,
    ...withoutZeros({
      readyReplicas: ready,
      currentReplicas: isRolledOut ? updated : ofRevision(current.name),
      updatedReplicas: updated,
      observedGeneration: set.metadata.generation ?? 0,
    }),
    currentRevision,
    updateRevision: update.name,
    collisionCount: collisionCount ?? 0,
  };
}

function tell(
  set: Stored<StatefulSet>,
  eventType: 'Normal' | 'Warning',
  reason: string,
  message: string,
): Action {
  return { do: 'event', regarding: set, eventType, reason, message };
}
