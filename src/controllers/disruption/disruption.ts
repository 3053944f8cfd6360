/**
 * Keeps the status of every PodDisruptionBudget, which evictions depend on.
 *
 * Reads PodDisruptionBudgets, pods and the controllers of pods; writes PodDisruptionBudget status. Follows
 * upstream's disruption-controller; the scale of custom controllers is not read.
 */

import {
  deployments,
  podDisruptionBudgets,
  pods as podsType,
  replicaSets,
  replicationControllers,
  statefulSets,
} from '#api/generated/kinds.gen.ts';
import type { Pod, PodDisruptionBudget } from '#api/generated/types.gen.ts';
import { controllerOf } from '#api/meta/controller-of.ts';
import type { KubeObject, Stored } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { deepEqual } from '#api/schema/deep-equal.ts';
import { defineController } from '#client/controllers/controller.ts';
import { type Action, nothingToDo, type Plan, planOf } from '#client/controllers/plan.ts';
import { keyOf, splitKey } from '#client/controllers/queue-key.ts';
import { watch } from '#client/controllers/watch.ts';
import type { Informers } from '#client/informers/informer.ts';
import { eventAction } from '../shared/event-action.ts';
import { matchesSelector } from '../shared/label-selector.ts';
import { controllerOfType } from '../shared/ownership/ownership.ts';
import { selectorText } from '../shared/selector-text.ts';
import { decideDisruption } from './decide.ts';

type Scaled = KubeObject & { spec?: { replicas?: number } };
const scaledTypes: readonly ResourceType<Scaled>[] = [
  deployments,
  replicaSets,
  replicationControllers,
  statefulSets,
];

export const disruption = defineController({
  name: 'disruption-controller',
  start({ informers, env }) {
    const budgets = informers.for(podDisruptionBudgets);
    const pods = informers.for(podsType);
    return {
      watches: [
        watch({ type: podDisruptionBudgets }),
        watch({
          type: podsType,
          keys: (pod) =>
            budgets
              .list(pod.metadata.namespace)
              .filter((budget) => selects(budget, pod))
              .map(keyOf),
        }),
        ...scaledTypes.map((type) =>
          watch({
            type,
            on: ['updated'],
            changed: (old, now) => old.spec?.replicas !== now.spec?.replicas,
            keys: ({ metadata }) => budgets.list(metadata.namespace).map(keyOf),
          }),
        ),
      ],
      reconcile(key): Plan {
        const budget = budgets.get(...splitKey(key));
        if (!budget) return nothingToDo;
        const selected = pods.list(budget.metadata.namespace).filter((pod) => selects(budget, pod));
        const { status, overdue, hasUnmanaged, failure, againInMs } = decideDisruption({
          budget,
          pods: selected,
          scale: scaleOf(selected, informers),
          nowMs: env.clock.now(),
        });
        const object: Stored<PodDisruptionBudget> = { ...budget, status };
        const isReported = deepEqual(budget.status, status);
        const actions: Action[] = overdue.map((pod) => overdueEvent(budget, pod));
        if (selected.length === 0) {
          actions.push(eventAction(budget, 'Normal', 'NoPods', 'No matching pods found'));
        }
        if (hasUnmanaged) {
          actions.push(eventAction(budget, 'Warning', 'UnmanagedPods', unmanagedText(budget)));
        }
        if (failure !== undefined) {
          const message = `Failed to calculate the number of expected pods: ${failure}`;
          actions.push(eventAction(budget, 'Warning', 'CalculateExpectedPodCountFailed', message));
        }
        if (!isReported) actions.push({ do: 'updateStatus', type: podDisruptionBudgets, object });
        return planOf(actions, againInMs);
      },
    };
  },
});

function selects({ spec }: PodDisruptionBudget, pod: Stored<Pod>): boolean {
  return spec?.selector !== undefined && matchesSelector(spec.selector, pod.metadata.labels);
}

function unmanagedText({ spec }: PodDisruptionBudget): string {
  return (
    `Pods selected by this PodDisruptionBudget (selector: ${selectorText(spec?.selector)}) were found to be unmanaged. ` +
    'As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. ' +
    'To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.'
  );
}

function overdueEvent({ metadata }: Stored<PodDisruptionBudget>, pod: Stored<Pod>): Action {
  const message = `Pod was expected by PDB ${metadata.namespace}/${metadata.name} to be deleted but it wasn't`;
  return eventAction({ ...pod, apiVersion: 'v1', kind: 'Pod' }, 'Warning', 'NotDeleted', message);
}

/** Total desired replicas of the controllers of these pods; pods without one do not count. */
function scaleOf(pods: readonly Stored<Pod>[], informers: Informers): number | Error {
  const scales = new Map<string, number>();
  for (const pod of pods) {
    const owner = controllerOf(pod);
    if (!owner) continue;
    const found = scaledOwner(pod, informers);
    if (!found) return new Error(`found no controllers for pod "${pod.metadata.name}"`);
    scales.set(found.metadata.uid, found.spec?.replicas ?? 1);
  }
  return [...scales.values()].reduce((total, replicas) => total + replicas, 0);
}

function scaledOwner(object: Stored<KubeObject>, informers: Informers): Stored<Scaled> | undefined {
  for (const type of scaledTypes) {
    const reference = controllerOfType(object, type);
    const owner = reference && informers.for(type).get(object.metadata.namespace, reference.name);
    if (!owner || owner.metadata.uid !== reference.uid) continue;
    // For a ReplicaSet of a Deployment the Deployment counts: during a rollout the ReplicaSet's own size
    // means little.
    return scaledOwner(owner, informers) ?? owner;
  }
  return undefined;
}
