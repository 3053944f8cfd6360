/**
 * Keeps one pod of every DaemonSet on every node it is meant for.
 *
 * Reads DaemonSets, nodes, pods and ControllerRevisions; writes pods, ControllerRevisions and DaemonSet status. Follows
 * upstream's daemonset-controller.
 */

import { deepEqual } from '#api/deep-equal.ts';
import { controllerRevisions, daemonSets, nodes as nodesType, pods as podsType } from '#api/kinds.gen.ts';
import type { Stored } from '#api/object.ts';
import type { DaemonSet, Node, Pod } from '#api/types.gen.ts';
import { defineController, type Plan } from '#client/controller.ts';
import { Expectations } from '#client/expectations.ts';
import { decideDaemonSet } from './daemon-set-decision.ts';
import { revisionHashLabel } from './daemon-set-pod.ts';
import { FailedPodWaits } from './failed-pod-waits.ts';
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
import { deleteOldest, historyOf } from './revisions.ts';

export const daemonSet = defineController({
  name: 'daemon-set-controller',
  start({ informers, enqueue, env }) {
    const sets = informers.for(daemonSets);
    const nodes = informers.for(nodesType);
    const pods = informers.for(podsType);
    const revisions = informers.for(controllerRevisions);
    const book = new Expectations(env.clock);
    const waits = new FailedPodWaits(env.clock);
    pods.addIndex(ownershipIndex, ownershipKeys);
    revisions.addIndex(ownershipIndex, ownershipKeys);
    const wake = (set: Stored<DaemonSet>) => enqueue(keyOf(set));
    const wakeAll = () => sets.list().forEach(wake);
    sets.subscribe({ onAdd: wake, onUpdate: (_old, set) => wake(set), onDelete: wake });
    nodes.subscribe({
      onAdd: wakeAll,
      onUpdate: (old, node) => deepEqual(placementOf(old), placementOf(node)) || wakeAll(),
      onDelete: wakeAll,
    });
    const ownerKey = (pod: Stored<Pod>) => {
      const owner = controllerOfType(pod, daemonSets);
      return owner && `${pod.metadata.namespace}/${owner.name}`;
    };
    const onPod = (pod: Stored<Pod>, isGone: boolean) => {
      const key = ownerKey(pod);
      if (key && isGone) book.deletionSeen(key, pod.metadata.uid);
      if (key) enqueue(key);
      else if (!controllerOf(pod)) sets.list(pod.metadata.namespace).forEach(wake);
    };
    pods.subscribe({
      onAdd(pod) {
        const key = ownerKey(pod);
        if (key && !pod.metadata.deletionTimestamp) book.creationSeen(key);
        onPod(pod, Boolean(pod.metadata.deletionTimestamp));
      },
      onUpdate: (_old, pod) => onPod(pod, Boolean(pod.metadata.deletionTimestamp)),
      onDelete: (pod) => onPod(pod, true),
    });
    return {
      reconcile(key): Plan {
        const set = sets.get(...splitKey(key));
        if (!set?.spec || isEmptySelector(set.spec.selector)) {
          book.forget(key);
          waits.forget(key);
          return { actions: [] };
        }
        const { selector, template, revisionHistoryLimit = 10 } = set.spec;
        const { uid, namespace } = set.metadata;
        const candidates = [
          ...pods.byIndex(ownershipIndex, uid),
          ...pods.byIndex(ownershipIndex, orphanKey(namespace)),
        ];
        const claimed = claim(daemonSets, set, podsType, candidates, (pod) =>
          matchesSelector(selector, pod.metadata.labels),
        );
        const history = historyOf(revisions, {
          ownerType: daemonSets,
          owner: set,
          selector,
          template,
          hashLabel: revisionHashLabel,
        });
        const used = new Set(claimed.owned.map(({ metadata }) => metadata.labels?.[revisionHashLabel]));
        const past = history.revisions.filter(({ metadata }) => metadata.name !== history.present.name);
        const unused = past.filter(({ metadata }) => !used.has(metadata.labels?.[revisionHashLabel]));
        const plan = decideDaemonSet({
          set,
          nodes: nodes.list(),
          pods: claimed.owned,
          hash: history.present.hash,
          mayChange: book.satisfied(key),
          nowMs: env.clock.now(),
          expectations: { book, key },
          waits: {
            leftMs: (node) => waits.leftMs(key, node),
            failedOn: (node) => waits.failedOn(key, node),
          },
        });
        const cleanUp = deleteOldest(unused, past.length - revisionHistoryLimit);
        return { ...plan, actions: [...claimed.actions, ...history.actions, ...plan.actions, ...cleanUp] };
      },
    };
  },
});

/** What of a node decides where pods may run: its heartbeats do not. */
function placementOf({ metadata, spec }: Stored<Node>) {
  return [metadata.labels, spec?.taints];
}
