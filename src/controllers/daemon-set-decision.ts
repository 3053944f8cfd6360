/**
 * What to do about one DaemonSet.
 *
 *   1. on every node it should run on: make the missing pod, replace failed ones, remove doubles
 *   2. on every other node: remove its pods
 *   3. RollingUpdate: replace pods of older templates, unavailable ones first, within maxUnavailable or maxSurge
 *   4. report
 */

import { deepEqual } from '#api/deep-equal.ts';
import { daemonSets, pods as podsType } from '#api/kinds.gen.ts';
import type { Stored } from '#api/object.ts';
import type { DaemonSet, DaemonSetStatus, Node, Pod } from '#api/types.gen.ts';
import type { Action, CreateAction, DeleteAction, Plan } from '#client/controller.ts';
import type { Expectations } from '#client/expectations.ts';
import { withoutZeros } from './counts.ts';
import { nodeOfPod, podOfDaemonSet, revisionHashLabel, tolerationsOf } from './daemon-set-pod.ts';
import { resolveIntOrPercent } from './int-or-percent.ts';
import { isNodeChosen, toleratesTaints } from './node-match.ts';
import { availableInMs, isPodAvailable, isPodReady, isPodTerminal } from './pod-state.ts';

const changesAtOnceMax = 250;

export interface DaemonSetView {
  readonly set: Stored<DaemonSet>;
  readonly nodes: readonly Stored<Node>[];
  readonly pods: readonly Stored<Pod>[];
  readonly hash: string;
  readonly mayChange: boolean;
  readonly nowMs: number;
  readonly expectations: { readonly book: Expectations; readonly key: string };
}

interface NodePods {
  readonly node: Stored<Node>;
  readonly shouldRun: boolean;
  readonly shouldStay: boolean;
  /** Oldest first. */
  readonly pods: Stored<Pod>[];
}

export function decideDaemonSet(view: DaemonSetView): Plan {
  const { set } = view;
  const places = placesOf(view);
  const actions: Action[] = [];
  if (view.mayChange && !set.metadata.deletionTimestamp) {
    const changes = manage(view, places);
    const rolls = changes.length === 0 && set.spec?.updateStrategy?.type !== 'OnDelete';
    const steps = rolls ? roll(view, places) : changes;
    if (steps.length > 0) actions.push(together(view, steps));
  }
  const status = statusOf(view, places);
  const object: Stored<DaemonSet> = { ...set, status };
  if (!deepEqual(set.status, status)) actions.push({ do: 'updateStatus', type: daemonSets, object });
  const minReady = set.spec?.minReadySeconds ?? 0;
  const waits = view.pods
    .map((pod) => availableInMs(pod, minReady, view.nowMs) ?? 0)
    .filter((waitMs) => waitMs > 0);
  return waits.length > 0 ? { actions, againInMs: Math.min(...waits) } : { actions };
}

function placesOf({ set, nodes, pods }: DaemonSetView): NodePods[] {
  const spec = set.spec!.template.spec!;
  const tolerations = tolerationsOf(spec);
  const byNode = Map.groupBy(pods, nodeOfPod);
  return nodes.map((node) => {
    const isChosen = isNodeChosen(spec, node);
    const own = byNode.get(node.metadata.name) ?? [];
    return {
      node,
      shouldRun: isChosen && toleratesTaints(tolerations, node, ['NoSchedule', 'NoExecute']),
      shouldStay: isChosen && toleratesTaints(tolerations, node, ['NoExecute']),
      pods: [...own].sort((a, b) => (a.metadata.creationTimestamp < b.metadata.creationTimestamp ? -1 : 1)),
    };
  });
}

function manage(view: DaemonSetView, places: readonly NodePods[]): (CreateAction | DeleteAction)[] {
  const steps: (CreateAction | DeleteAction)[] = [];
  for (const { node, shouldRun, shouldStay, pods } of places) {
    const living = pods.filter((pod) => !pod.metadata.deletionTimestamp);
    if (shouldRun && pods.length === 0) steps.push(create(view, node));
    if (!shouldStay) steps.push(...living.map((pod) => remove(view, pod)));
    else {
      const failed = living.filter((pod) => pod.status?.phase === 'Failed');
      steps.push(...failed.map((pod) => removeFailed(view, pod)));
      if (!isSurging(view.set))
        steps.push(
          ...living
            .filter((pod) => !failed.includes(pod))
            .slice(1)
            .map((pod) => remove(view, pod)),
        );
    }
  }
  const known = new Set(places.map(({ node }) => node.metadata.name));
  // Pods of nodes that are gone are the pod garbage collector's, unless they have never been placed.
  const lost = view.pods.filter((pod) => !pod.spec?.nodeName && !known.has(nodeOfPod(pod) ?? ''));
  steps.push(...lost.filter((pod) => !pod.metadata.deletionTimestamp).map((pod) => remove(view, pod)));
  return steps.slice(0, changesAtOnceMax);
}

function roll(view: DaemonSetView, places: readonly NodePods[]): (CreateAction | DeleteAction)[] {
  const wanted = places.filter(({ shouldRun }) => shouldRun);
  const isAvailable = (pod: Pod) => isPodAvailable(pod, view.set.spec?.minReadySeconds ?? 0, view.nowMs);
  const isNew = (pod: Stored<Pod>) => pod.metadata.labels?.[revisionHashLabel] === view.hash;
  const { maxSurge, maxUnavailable } = view.set.spec?.updateStrategy?.rollingUpdate ?? {};
  if (isSurging(view.set)) {
    let room = resolveIntOrPercent(maxSurge, wanted.length, 'up');
    return wanted.flatMap(({ node, pods }): (CreateAction | DeleteAction)[] => {
      const living = pods.filter((pod) => !pod.metadata.deletionTimestamp);
      const [fresh, old] = [living.filter(isNew), living.filter((pod) => !isNew(pod))];
      if (old.length === 0) return [];
      // Old ones leave when the new one serves, or at once when they serve nobody.
      if (fresh.some(isAvailable) || !old.some(isAvailable)) return old.map((pod) => remove(view, pod));
      if (fresh.length > 0 || room-- <= 0) return [];
      return [create(view, node)];
    });
  }
  let room = resolveIntOrPercent(maxUnavailable ?? 1, wanted.length, 'up');
  const unavailableOld: Stored<Pod>[] = [];
  const availableOld: Stored<Pod>[] = [];
  for (const { pods } of wanted) {
    const pod = pods.find((one) => !one.metadata.deletionTimestamp);
    if (pod && isAvailable(pod)) {
      if (!isNew(pod)) availableOld.push(pod);
      continue;
    }
    // What is missing or not serving counts against the limit, unless replacing it is what helps.
    if (pod && !isNew(pod)) unavailableOld.push(pod);
    else room--;
  }
  room -= unavailableOld.length;
  const leaving = [...unavailableOld, ...availableOld.slice(0, Math.max(0, room))];
  return leaving.map((pod) => remove(view, pod));
}

function isSurging(set: DaemonSet): boolean {
  const { maxSurge } = set.spec?.updateStrategy?.rollingUpdate ?? {};
  return set.spec?.updateStrategy?.type !== 'OnDelete' && resolveIntOrPercent(maxSurge, 100, 'up') > 0;
}

function together(view: DaemonSetView, steps: readonly (CreateAction | DeleteAction)[]): Action {
  return {
    do: 'together',
    actions: steps,
    slowStart: steps.some((step) => step.do === 'create'),
    expectations: view.expectations,
    afterFailure: (failures) =>
      failures.map(({ action, error }) =>
        action.do === 'create'
          ? tell(view.set, 'Warning', 'FailedCreate', `Error creating: ${error.message}`)
          : tell(view.set, 'Warning', 'FailedDelete', `Error deleting: ${error.message}`),
      ),
  };
}

function create({ set, hash }: DaemonSetView, node: Stored<Node>): CreateAction {
  return {
    do: 'create',
    type: podsType,
    object: podOfDaemonSet(set, node.metadata.name, hash),
    afterwards: ({ metadata }) => [tell(set, 'Normal', 'SuccessfulCreate', `Created pod: ${metadata.name}`)],
  };
}

function remove({ set }: DaemonSetView, { metadata: { namespace, name, uid } }: Stored<Pod>): DeleteAction {
  return {
    do: 'delete',
    type: podsType,
    namespace: namespace!,
    name,
    uid,
    afterwards: () => [tell(set, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`)],
  };
}

function removeFailed(view: DaemonSetView, pod: Stored<Pod>): DeleteAction {
  const { namespace, name } = pod.metadata;
  const message = `Found failed daemon pod ${namespace}/${name} on node ${nodeOfPod(pod)}, will try to kill it`;
  const step = remove(view, pod);
  return {
    ...step,
    afterwards: () => [tell(view.set, 'Warning', 'FailedDaemonPod', message), ...step.afterwards!()],
  };
}

function statusOf(view: DaemonSetView, places: readonly NodePods[]): DaemonSetStatus {
  const { set, hash, nowMs } = view;
  const minReady = set.spec?.minReadySeconds ?? 0;
  const wanted = places.filter(({ shouldRun }) => shouldRun);
  const living = wanted.map(({ pods }) => pods.filter((pod) => !isPodTerminal(pod)));
  const count = (holds: (pod: Stored<Pod>) => boolean) => living.filter((pods) => pods.some(holds)).length;
  const available = count((pod) => isPodAvailable(pod, minReady, nowMs));
  const { collisionCount } = set.status ?? {};
  return {
    currentNumberScheduled: wanted.filter(({ pods }) => pods.length > 0).length,
    desiredNumberScheduled: wanted.length,
    numberMisscheduled: places.filter(({ shouldRun, pods }) => !shouldRun && pods.length > 0).length,
    numberReady: count(isPodReady),
    ...withoutZeros({
      numberAvailable: available,
      numberUnavailable: wanted.length - available,
      updatedNumberScheduled: count(({ metadata }) => metadata.labels?.[revisionHashLabel] === hash),
      observedGeneration: set.metadata.generation ?? 0,
    }),
    ...(collisionCount === undefined ? {} : { collisionCount }),
  };
}

function tell(
  set: Stored<DaemonSet>,
  eventType: 'Normal' | 'Warning',
  reason: string,
  message: string,
): Action {
  return { do: 'event', regarding: set, eventType, reason, message };
}
