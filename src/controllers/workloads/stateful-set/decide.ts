/**
 * What to do about one StatefulSet, one step at a time unless it is Parallel.
 *
 *   1. from the lowest ordinal: create the missing pod (its claims first), delete one that has ended, and
 *      wait
 *      until each is available before the next
 *   2. from the highest: delete pods beyond the replicas
 *   3. RollingUpdate: replace pods of older templates (`rolling.ts`)
 *   4. report the status
 */

import { persistentVolumeClaims, pods as podsType, statefulSets } from '#api/generated/kinds.gen.ts';
import type {
  PersistentVolumeClaim,
  Pod,
  PodTemplateSpec,
  StatefulSet,
  StatefulSetStatus,
} from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { isPodAvailable, isPodReady, isPodTerminal, nextAvailableInMs } from '#api/pods/state.ts';
import { deepEqual } from '#api/schema/deep-equal.ts';
import {
  type Action,
  type CreateAction,
  type DeleteAction,
  type Plan,
  planOf,
  targetOf,
} from '#client/controllers/plan.ts';
import {
  type Allowance,
  type AskAllowance,
  nothingAgainMs,
  planChangesMax,
} from '#client/queue/write-pace.ts';
import { eventAction } from '../../shared/event-action.ts';
import { withoutZeros } from '../../shared/without-zeros.ts';
import { claimsOf, settleOwners } from './claims.ts';
import { hasIdentity, identityLabels, ordinalOf, podName, podOfStatefulSet, revisionLabel } from './pod.ts';
import { nextToReplace } from './rolling.ts';

export interface Revision {
  readonly name: string;
  readonly template: PodTemplateSpec;
}

export interface StatefulSetView {
  readonly set: Stored<StatefulSet>;
  readonly pods: readonly Stored<Pod>[];
  /** The revision of pods below the partition, and the one of all others. */
  readonly current: Revision;
  readonly update: Revision;
  claim(name: string): Stored<PersistentVolumeClaim> | undefined;
  readonly nowMs: number;
  readonly allowance: AskAllowance;
}

export function decideStatefulSet(view: StatefulSetView): Plan {
  const { set, pods, nowMs } = view;
  const round: Round = { claims: [], create: [], remove: [], correct: [], isHeldBack: false };
  const actions = set.metadata.deletionTimestamp ? [] : steps(view, round);
  const status = statusOf(view);
  const object: Stored<StatefulSet> = { ...set, status };
  if (!deepEqual(set.status, status)) actions.push({ do: 'updateStatus', type: statefulSets, object });
  if (round.isHeldBack) return { actions, againInMs: nothingAgainMs };
  const againInMs = nextAvailableInMs(pods, set.spec?.minReadySeconds ?? 0, nowMs);
  return planOf(actions, againInMs);
}

/**
 * One round, before it becomes a plan: claims, then pods created and deleted together, then
 * corrections.
 */
interface Round {
  readonly claims: Action[];
  readonly create: CreateAction[];
  readonly remove: DeleteAction[];
  readonly correct: Action[];
  /** The allowance for the pods to create, if they do not wait for each other. */
  allowance?: Allowance;
  /** Pods are missing or have failed, and none may be created or replaced now. */
  isHeldBack: boolean;
}

function steps(view: StatefulSetView, round: Round): Action[] {
  if (keepReplicas(view, round) && removeSurplus(view, round) && round.create.length === 0) {
    if (round.remove.length === 0 && view.set.spec?.updateStrategy?.type !== 'OnDelete') roll(view, round);
  }
  return [...round.claims, ...together(round), ...round.correct];
}

/**
 * Returns false when the next step has to wait, for a pod or for the next round, which continues where this
 * one ends.
 */
function keepReplicas(view: StatefulSetView, round: Round): boolean {
  const { set } = view;
  const isOrdered = waitsForEach(set);
  const { start, end } = rangeOf(set);
  const byOrdinal = new Map<number | undefined, Stored<Pod>>();
  for (const pod of view.pods) byOrdinal.set(ordinalOf(set, pod), pod);
  if (!isOrdered) round.allowance = allowanceFor(view);
  let left = round.allowance?.count ?? 1;
  for (let ordinal = start; ordinal < end; ordinal++) {
    const pod = byOrdinal.get(ordinal);
    if (!pod) {
      // The next round continues from here.
      if (left === 0) {
        round.isHeldBack ||= round.create.length === 0;
        return false;
      }
      left--;
      make(view, ordinal, round);
    } else if (isPodTerminal(pod)) {
      replaceEnded(view, pod, round);
    } else {
      if (pod.status?.phase === 'Pending') round.claims.push(...missingClaims(view, pod.metadata.name));
      if (!isOrdered || isHealthy(view, pod)) round.correct.push(...corrections(view, pod, ordinal));
    }
    if (isOrdered && !(pod && isHealthy(view, pod))) return false;
    if (round.remove.length >= planChangesMax) return false;
  }
  return true;
}

/** Deleted, and created again once it is gone, at the pace of replacements. */
function replaceEnded(view: StatefulSetView, pod: Stored<Pod>, round: Round): void {
  if (pod.metadata.deletionTimestamp) return;
  if (view.allowance(1, { replacing: 1 }).count === 1) round.remove.push(removal(view, pod));
  else round.isHeldBack = true;
}

/** The ordinals without a pod are counted, not enumerated: there may be two thousand million. */
function allowanceFor(view: StatefulSetView): Allowance | undefined {
  const { start, end } = rangeOf(view.set);
  const missing = end - start - view.pods.filter((pod) => isWithin(view, pod)).length;
  const weight = 1 + (view.set.spec?.volumeClaimTemplates?.length ?? 0);
  return missing > 0 ? view.allowance(missing, { weight }) : undefined;
}

/** Returns false when the rest of the plan has to wait: for a pod to end, or because the plan is full. */
function removeSurplus(view: StatefulSetView, round: Round): boolean {
  const { set } = view;
  const isOrdered = waitsForEach(set);
  const surplus = view.pods
    .filter((pod) => !isWithin(view, pod))
    .sort((a, b) => ordinalOf(set, b)! - ordinalOf(set, a)!);
  for (const pod of surplus) round.claims.push(...settleOwners(set, pod, true, view.claim));
  // In order, only the lowest unhealthy one may be deleted: higher ones are waited for.
  const lowestUnhealthy = surplus.findLast((pod) => !isHealthy(view, pod));
  for (const pod of surplus) {
    const mayGo = !isOrdered || isHealthy(view, pod) || pod === lowestUnhealthy;
    if (mayGo && !pod.metadata.deletionTimestamp) round.remove.push(removal(view, pod));
    if (isOrdered || round.remove.length >= planChangesMax) return false;
  }
  return true;
}

function roll(view: StatefulSetView, round: Round): void {
  const { set, pods, update } = view;
  const replicas = pods
    .filter((pod) => isWithin(view, pod))
    .sort((a, b) => ordinalOf(set, a)! - ordinalOf(set, b)!);
  // A pod may still be missing, when its claim is being deleted.
  if (replicas.length !== (set.spec?.replicas ?? 1)) return;
  const leaving = nextToReplace({
    set,
    replicas,
    isOld: (pod) => pod.metadata.labels?.[revisionLabel] !== update.name,
    isHealthy: (pod) => isHealthy(view, pod),
  });
  if (leaving) round.remove.push(removal(view, leaving));
}

function waitsForEach(set: StatefulSet): boolean {
  return set.spec?.podManagementPolicy !== 'Parallel';
}

function rangeOf(set: StatefulSet): { start: number; end: number } {
  const start = set.spec?.ordinals?.start ?? 0;
  return { start, end: start + (set.spec?.replicas ?? 1) };
}

function isWithin({ set }: StatefulSetView, pod: Stored<Pod>): boolean {
  const { start, end } = rangeOf(set);
  const ordinal = ordinalOf(set, pod)!;
  return ordinal >= start && ordinal < end;
}

function isHealthy(view: StatefulSetView, pod: Stored<Pod>): boolean {
  return !pod.metadata.deletionTimestamp && isRunningAndAvailable(view, pod);
}

function isRunningAndAvailable({ set, nowMs }: StatefulSetView, pod: Pod): boolean {
  return pod.status?.phase === 'Running' && isPodAvailable(pod, set.spec?.minReadySeconds ?? 0, nowMs);
}

function make(view: StatefulSetView, ordinal: number, round: Round): void {
  const { set, current, update } = view;
  const name = podName(set, ordinal);
  // A terminating claim of its predecessor cannot be used.
  const isStale = claimsOf(set, name).some(
    ({ metadata }) => view.claim(metadata!.name!)?.metadata.deletionTimestamp !== undefined,
  );
  if (isStale) return;
  const { partition = 0 } = set.spec?.updateStrategy?.rollingUpdate ?? {};
  const isBelow = set.spec?.updateStrategy?.type !== 'OnDelete' && ordinal < rangeOf(set).start + partition;
  const { template, name: revision } = isBelow ? current : update;
  round.claims.push(...missingClaims(view, name));
  round.create.push({
    do: 'create',
    type: podsType,
    object: podOfStatefulSet(set, ordinal, template, revision),
    ...eventsOf(set, 'Create', onPod('create', name, set)),
    // It exists already: the view was older than the pod.
    ifTaken: [],
  });
}

function missingClaims(view: StatefulSetView, pod: string): CreateAction[] {
  const { set } = view;
  const missing = claimsOf(set, pod).filter(({ metadata }) => !view.claim(metadata!.name!));
  return missing.map((object) => {
    const [claim, of] = [object.metadata?.name, `Pod ${pod} in StatefulSet ${set.metadata.name}`];
    const created = eventAction(set, 'Normal', 'SuccessfulCreate', `create Claim ${claim} ${of} success`);
    const message = `create Claim ${claim} for ${of} failed error: `;
    const failed = eventAction(set, 'Warning', 'FailedCreate', message, 'error');
    const type = persistentVolumeClaims;
    // It exists already: the view was older than the claim.
    return { do: 'create', type, object, ifDone: [created], ifTaken: [], ifFailed: [failed] };
  });
}

/** Events for success and failure. */
function eventsOf(set: Stored<StatefulSet>, verb: 'Create' | 'Delete', message: string) {
  return {
    ifDone: [eventAction(set, 'Normal', `Successful${verb}`, `${message} successful`)],
    ifFailed: [eventAction(set, 'Warning', `Failed${verb}`, `${message} failed error: `, 'error')],
  };
}

/** Labels that an adopted pod may lack, and changes of the policy for its claims. */
function corrections({ set, claim }: StatefulSetView, pod: Stored<Pod>, ordinal: number): Action[] {
  const { name, uid, labels = {} } = pod.metadata;
  const owners = settleOwners(set, pod, false, claim);
  if (hasIdentity(labels, name, ordinal)) return owners;
  const patch = { metadata: { uid, labels: identityLabels(name, ordinal) } };
  return [...owners, { do: 'patch', ...targetOf(podsType, pod), patchType: 'strategic', patch }];
}

function removal({ set }: StatefulSetView, pod: Stored<Pod>): DeleteAction {
  const events = eventsOf(set, 'Delete', onPod('delete', pod.metadata.name, set));
  return { do: 'delete', ...targetOf(podsType, pod), uid: pod.metadata.uid, ...events };
}

/**
 * Also without pods to create, so that the allowance is given back: a claim being deleted delays
 * its pod.
 */
function together({ remove, create, allowance }: Round): Action[] {
  if (remove.length + create.length + (allowance?.count ?? 0) === 0) return [];
  const actions = [...remove, ...create];
  return [{ do: 'together', actions, slowStart: true, ...(allowance ? { allowance } : {}) }];
}

function onPod(verb: 'create' | 'delete', pod: string, set: Stored<StatefulSet>): string {
  return `${verb} Pod ${pod} in StatefulSet ${set.metadata.name}`;
}

function statusOf(view: StatefulSetView): StatefulSetStatus {
  const { set, pods, current, update } = view;
  const { ready, available, ofCurrent, updated } = countsOf(view);
  const wanted = set.spec?.replicas ?? 1;
  const isRolledOut =
    set.spec?.updateStrategy?.type !== 'OnDelete' &&
    [updated, ready, pods.length].every((count) => count === wanted);
  return {
    replicas: pods.length,
    availableReplicas: available,
    ...withoutZeros({
      readyReplicas: ready,
      currentReplicas: isRolledOut ? updated : ofCurrent,
      updatedReplicas: updated,
      observedGeneration: set.metadata.generation ?? 0,
    }),
    currentRevision: isRolledOut ? update.name : current.name,
    updateRevision: update.name,
    collisionCount: set.status?.collisionCount ?? 0,
    // This controller sets no conditions; those of others stay.
    ...(set.status?.conditions ? { conditions: set.status.conditions } : {}),
  };
}

/** In one pass: a set may have a hundred thousand pods. */
function countsOf(view: StatefulSetView) {
  const counts = { ready: 0, available: 0, ofCurrent: 0, updated: 0 };
  for (const pod of view.pods) {
    if (pod.status?.phase === 'Running' && isPodReady(pod)) {
      counts.ready++;
      if (isRunningAndAvailable(view, pod)) counts.available++;
    }
    if (pod.metadata.deletionTimestamp) continue;
    const revision = pod.metadata.labels?.[revisionLabel];
    if (revision === view.current.name) counts.ofCurrent++;
    if (revision === view.update.name) counts.updated++;
  }
  return counts;
}
