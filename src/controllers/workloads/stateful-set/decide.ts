/**
 * What to do about one StatefulSet, one step at a time unless it is Parallel.
 *
 *   1. from the lowest ordinal: create the missing pod (its claims first), delete an ended one, and wait
 *      until each is available before the next
 *   2. from the highest: delete pods beyond the replicas
 *   3. RollingUpdate: replace pods of older templates (`rolling.ts`)
 *   4. report the status
 */

import { statefulSets } from '#api/generated/kinds.gen.ts';
import type { Pod, StatefulSet } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { isPodTerminal, nextAvailableInMs } from '#api/pods/state.ts';
import { deepEqual } from '#api/schema/deep-equal.ts';
import {
  type Action,
  type CreateAction,
  type DeleteAction,
  type Plan,
  planOf,
} from '#client/controllers/plan.ts';
import { type Allowance, nothingAgainMs, planChangesMax } from '#client/queue/write-pace.ts';
import { corrections, creation, missingClaims, removal } from './actions.ts';
import { settleOwners } from './claims.ts';
import { ordinalOf, revisionLabel } from './pod.ts';
import { nextToReplace } from './rolling.ts';
import { statusOf } from './status.ts';
import { isHealthy, isWithin, rangeOf, type StatefulSetView } from './view.ts';

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
 * One round, before it becomes a plan: claims, then pods created and deleted together, then corrections.
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
      const missing = creation(view, ordinal);
      if (missing) {
        round.claims.push(...missing.claims);
        round.create.push(missing.pod);
      }
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

/**
 * Also without pods to create, so that the allowance is given back: a claim being deleted delays its pod.
 */
function together({ remove, create, allowance }: Round): Action[] {
  if (remove.length + create.length + (allowance?.count ?? 0) === 0) return [];
  const actions = [...remove, ...create];
  return [{ do: 'together', actions, slowStart: true, ...(allowance ? { allowance } : {}) }];
}
