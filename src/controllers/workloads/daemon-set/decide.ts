/**
 * What to do about one DaemonSet.
 *
 *   1. on every eligible node: create the missing pod, delete terminated ones, delete duplicates
 *   2. on every other node: delete its pods
 *   3. RollingUpdate: replace pods of older templates (`rolling.ts`)
 *   4. report the status
 */

import { daemonSets } from '#api/generated/kinds.gen.ts';
import type { DaemonSet, DaemonSetStatus, Node, Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { availableInMs, isPodAvailable, isPodReady } from '#api/pods/state.ts';
import { deepEqual } from '#api/schema/deep-equal.ts';
import type { Action, DeleteAction, Plan } from '#client/controllers/plan.ts';
import { eventAction } from '../../shared/event-action.ts';
import { createPod, deletePod } from '../../shared/pod-steps.ts';
import { withoutZeros } from '../../shared/without-zeros.ts';
import { isUpToDate, type Place, placesOf } from './nodes.ts';
import { nodeOfPod, podOfDaemonSet } from './pod.ts';
import { isSurging, roll } from './rolling.ts';

const changesAtOnceMax = 250;

export interface DaemonSetView {
  readonly set: Stored<DaemonSet>;
  readonly nodes: readonly Stored<Node>[];
  readonly pods: readonly Stored<Pod>[];
  readonly hash: string;
  readonly mayChange: boolean;
  readonly nowMs: number;
  /** Remaining back-off before pods that fail repeatedly on a node are replaced. */
  waitMs(node: string): number;
}

export interface DaemonSetPlan extends Plan {
  /** Nodes whose failed pods are replaced now. */
  readonly failedOn: readonly string[];
}

interface Steps {
  readonly create: Stored<Node>[];
  readonly remove: Removal[];
  /** How long failed pods are still kept: the rest of their back-off. */
  readonly waitsMs: number[];
}

interface Removal {
  readonly step: DeleteAction;
  /** The node, if the pod has failed on it. */
  readonly failedOn?: string;
}

export function decideDaemonSet(view: DaemonSetView): DaemonSetPlan {
  const { set, pods, nowMs } = view;
  const places = placesOf(set, view.nodes, pods);
  const actions: Action[] = [];
  const waitsMs: number[] = [];
  const failedOn: string[] = [];
  if (view.mayChange && !set.metadata.deletionTimestamp) {
    const managed = manage(view, places);
    waitsMs.push(...managed.waitsMs);
    const steps = bounded(isAnything(managed) || !rolls(set) ? managed : rollingSteps(view, places));
    failedOn.push(...steps.remove.flatMap((removal) => removal.failedOn ?? []));
    actions.push(...changes(view, steps));
  }
  const status = statusOf(view, places);
  const object: Stored<DaemonSet> = { ...set, status };
  if (!deepEqual(set.status, status)) actions.push({ do: 'updateStatus', type: daemonSets, object });
  const minReady = set.spec?.minReadySeconds ?? 0;
  waitsMs.push(...pods.map((pod) => availableInMs(pod, minReady, nowMs) ?? 0).filter((waitMs) => waitMs > 0));
  return { actions, failedOn, ...(waitsMs.length > 0 ? { againInMs: Math.min(...waitsMs) } : {}) };
}

function isAnything({ create, remove }: Steps): boolean {
  return create.length > 0 || remove.length > 0;
}

function rolls(set: DaemonSet): boolean {
  return set.spec?.updateStrategy?.type !== 'OnDelete';
}

function rollingSteps(view: DaemonSetView, places: readonly Place[]): Steps {
  const { remove, createOn } = roll(view, places);
  return { create: createOn, remove: remove.map((pod) => removalOf(view, pod)), waitsMs: [] };
}

function manage(view: DaemonSetView, places: readonly Place[]): Steps {
  const steps: Steps = { create: [], remove: [], waitsMs: [] };
  for (const place of places) {
    const living = place.pods.filter((pod) => !pod.metadata.deletionTimestamp);
    if (place.shouldRun && place.pods.length === 0) steps.create.push(place.node);
    else if (place.shouldStay) tidy(view, place, living, steps);
    else steps.remove.push(...living.map((pod) => removalOf(view, pod)));
  }
  const known = new Set(places.map(({ node }) => node.metadata.name));
  // Pods of deleted nodes are left to the pod garbage collector, unless they were never scheduled.
  const lost = view.pods.filter((pod) => !pod.spec?.nodeName && !known.has(nodeOfPod(pod) ?? ''));
  steps.remove.push(
    ...lost.filter((pod) => !pod.metadata.deletionTimestamp).map((pod) => removalOf(view, pod)),
  );
  return steps;
}

function tidy(view: DaemonSetView, { node }: Place, living: readonly Stored<Pod>[], steps: Steps): void {
  const running: Stored<Pod>[] = [];
  for (const pod of living) {
    if (pod.status?.phase === 'Failed') {
      const waitMs = view.waitMs(node.metadata.name);
      if (waitMs > 0) steps.waitsMs.push(waitMs);
      else steps.remove.push(removalOfEnded(view, pod));
    } else if (pod.status?.phase === 'Succeeded') steps.remove.push(removalOfEnded(view, pod));
    else running.push(pod);
  }
  const surplus = isSurging(view.set) ? beyondOneOfEach(view, running) : running.slice(1);
  steps.remove.push(...surplus.map((pod) => removalOf(view, pod)));
}

/**
 * During a surge an old and a new pod may run side by side, until the new one is available or the old one is
 * not.
 */
function beyondOneOfEach(
  { set, hash, nowMs }: DaemonSetView,
  running: readonly Stored<Pod>[],
): Stored<Pod>[] {
  const [fresh, ...moreFresh] = running.filter((pod) => isUpToDate(set, pod, hash));
  const [old, ...moreOld] = running.filter((pod) => !isUpToDate(set, pod, hash));
  const surplus = [...moreFresh, ...moreOld];
  const minReady = set.spec?.minReadySeconds ?? 0;
  if (fresh && old && (!isPodReady(old) || isPodAvailable(fresh, minReady, nowMs))) surplus.push(old);
  return surplus;
}

function bounded({ create, remove, waitsMs }: Steps): Steps {
  return { create: create.slice(0, changesAtOnceMax), remove: remove.slice(0, changesAtOnceMax), waitsMs };
}

/** Deletions first: a rejected creation ends the plan. */
function changes({ set, hash }: DaemonSetView, { create, remove }: Steps): Action[] {
  if (create.length === 0 && remove.length === 0) return [];
  const creations = create.map((node) => createPod(set, podOfDaemonSet(set, node.metadata.name, hash)));
  return [
    {
      do: 'together',
      actions: [...remove.map(({ step }) => step), ...creations],
      slowStart: creations.length > 0,
      expected: true,
    },
  ];
}

function removalOf({ set }: DaemonSetView, pod: Stored<Pod>): Removal {
  return { step: deletePod(set, pod) };
}

function removalOfEnded({ set }: DaemonSetView, pod: Stored<Pod>): Removal {
  const hasFailed = pod.status?.phase === 'Failed';
  const node = nodeOfPod(pod) ?? '';
  const subject = `daemon pod ${pod.metadata.namespace}/${pod.metadata.name} on node ${node}`;
  const event = hasFailed
    ? eventAction(set, 'Warning', 'FailedDaemonPod', `Found failed ${subject}, will try to kill it`)
    : eventAction(set, 'Normal', 'SucceededDaemonPod', `Found succeeded ${subject}, will try to delete it`);
  const step = deletePod(set, pod);
  return {
    step: { ...step, ifDone: [event, ...(step.ifDone ?? [])] },
    ...(hasFailed ? { failedOn: node } : {}),
  };
}

/**
 * The oldest pod of each node counts. While earlier changes are not observed, observedGeneration is not
 * updated.
 */
function statusOf(view: DaemonSetView, places: readonly Place[]): DaemonSetStatus {
  const { set, hash, nowMs } = view;
  const minReady = set.spec?.minReadySeconds ?? 0;
  const wanted = places.filter(({ shouldRun }) => shouldRun);
  const first = wanted.flatMap(({ pods }) => pods.slice(0, 1));
  const available = first.filter((pod) => isPodAvailable(pod, minReady, nowMs)).length;
  const { collisionCount, conditions, observedGeneration = 0 } = set.status ?? {};
  return {
    currentNumberScheduled: first.length,
    desiredNumberScheduled: wanted.length,
    numberMisscheduled: places.filter(({ shouldRun, pods }) => !shouldRun && pods.length > 0).length,
    numberReady: first.filter(isPodReady).length,
    ...withoutZeros({
      numberAvailable: available,
      numberUnavailable: wanted.length - available,
      updatedNumberScheduled: first.filter((pod) => isUpToDate(set, pod, hash)).length,
      observedGeneration: view.mayChange ? (set.metadata.generation ?? 0) : observedGeneration,
    }),
    ...(collisionCount === undefined ? {} : { collisionCount }),
    // This controller sets no conditions; those of others stay.
    ...(conditions ? { conditions } : {}),
  };
}
