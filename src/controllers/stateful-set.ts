/**
 * Keeps the pods of every StatefulSet: named by number, made and removed in order, each with its own claims.
 *
 * Reads StatefulSets, pods, claims and ControllerRevisions; writes pods, claims, ControllerRevisions and StatefulSet status.
 * Follows upstream's statefulset-controller.
 */

import {
  controllerRevisions,
  persistentVolumeClaims,
  pods as podsType,
  statefulSets,
} from '#api/kinds.gen.ts';
import type { Stored } from '#api/object.ts';
import type { ControllerRevision, Pod, PodTemplateSpec, StatefulSet } from '#api/types.gen.ts';
import { defineController, type Plan } from '#client/controller.ts';
import { keyOf, splitKey } from './keys.ts';
import { isEmptySelector, matchesSelector } from './label-selector.ts';
import {
  claim,
  controllerOf,
  controllerOfType,
  orphanKey,
  ownershipIndex,
  ownershipKeys,
} from './ownership.ts';
import { deleteOldest, historyOf, templateOf } from './revisions.ts';
import { decideStatefulSet, type Revision } from './stateful-set-decision.ts';
import { ordinalOf, revisionLabel } from './stateful-set-pod.ts';

export const statefulSet = defineController({
  name: 'statefulset-controller',
  start({ informers, enqueue, env }) {
    const sets = informers.for(statefulSets);
    const pods = informers.for(podsType);
    const claims = informers.for(persistentVolumeClaims);
    const revisions = informers.for(controllerRevisions);
    pods.addIndex(ownershipIndex, ownershipKeys);
    revisions.addIndex(ownershipIndex, ownershipKeys);
    const wake = (set: Stored<StatefulSet>) => enqueue(keyOf(set));
    sets.subscribe({ onAdd: wake, onUpdate: (_old, set) => wake(set), onDelete: wake });
    const onPod = (pod: Stored<Pod>) => {
      const owner = controllerOfType(pod, statefulSets);
      if (owner) enqueue(`${pod.metadata.namespace}/${owner.name}`);
      else if (!controllerOf(pod)) sets.list(pod.metadata.namespace).forEach(wake);
    };
    pods.subscribe({ onAdd: onPod, onUpdate: (_old, pod) => onPod(pod), onDelete: onPod });
    return {
      reconcile(key): Plan {
        const set = sets.get(...splitKey(key));
        if (!set?.spec || isEmptySelector(set.spec.selector)) return { actions: [] };
        const { selector, template, revisionHistoryLimit = 10 } = set.spec;
        const { uid, namespace } = set.metadata;
        const candidates = [
          ...pods.byIndex(ownershipIndex, uid),
          ...pods.byIndex(ownershipIndex, orphanKey(namespace)),
        ];
        const claimed = claim(
          statefulSets,
          set,
          podsType,
          candidates,
          (pod) => ordinalOf(set, pod) !== undefined && matchesSelector(selector, pod.metadata.labels),
        );
        const history = historyOf(revisions, {
          ownerType: statefulSets,
          owner: set,
          selector,
          template,
          hashLabel: 'controller.kubernetes.io/hash',
        });
        const update = { name: history.present.name, template };
        const current = currentRevision(set, history.revisions, update);
        const plan = decideStatefulSet({
          set,
          pods: claimed.owned,
          current,
          update,
          claim: (name) => claims.get(namespace, name),
          nowMs: env.clock.now(),
        });
        const used = new Set(claimed.owned.map(({ metadata }) => metadata.labels?.[revisionLabel]));
        used.add(current.name).add(update.name);
        const unused = history.revisions.filter(({ metadata }) => !used.has(metadata.name));
        const cleanUp = deleteOldest(unused, unused.length - revisionHistoryLimit);
        return { ...plan, actions: [...claimed.actions, ...history.actions, ...plan.actions, ...cleanUp] };
      },
    };
  },
});

function currentRevision(
  set: StatefulSet,
  history: readonly Stored<ControllerRevision>[],
  update: Revision,
): Revision {
  const name = set.status?.currentRevision;
  const stored = history.find(({ metadata }) => metadata.name === name);
  const template: PodTemplateSpec | undefined = stored && templateOf(stored);
  return stored && template ? { name: stored.metadata.name, template } : update;
}
