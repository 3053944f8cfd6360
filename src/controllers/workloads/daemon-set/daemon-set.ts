/**
 * Keeps one pod of every DaemonSet on every node it is meant for.
 *
 * Reads DaemonSets, nodes, pods and ControllerRevisions; writes pods, ControllerRevisions and DaemonSet status. Follows
 * upstream's daemonset-controller.
 */

import {
  controllerRevisions,
  daemonSets,
  nodes as nodesType,
  pods as podsType,
} from '#api/generated/kinds.gen.ts';
import type { DaemonSet, Node, Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { deepEqual } from '#api/schema/deep-equal.ts';
import { type Action, defineController, type Plan } from '#client/controllers/controller.ts';
import { Expectations } from '#client/controllers/expectations.ts';
import type { Informer } from '#client/informers/informer.ts';
import { claim } from '../../shared/claiming.ts';
import { deleteOldest, type History, historyOf } from '../../shared/controller-revisions.ts';
import { isEmptySelector, matchesSelector } from '../../shared/label-selector.ts';
import { claimable, indexByOwner } from '../../shared/ownership.ts';
import { keyOf, splitKey } from '../../shared/queue-key.ts';
import { watchOwned } from '../../shared/watch-owned.ts';
import { templateHash } from '../../template/template-hash.ts';
import { decideDaemonSet } from './decide.ts';
import { FailedPodWaits } from './failed-pod-backoff.ts';
import { revisionHashLabel } from './pod.ts';

export const daemonSet = defineController({
  name: 'daemon-set-controller',
  start({ informers, enqueue, env }) {
    const sets = informers.for(daemonSets);
    const nodes = informers.for(nodesType);
    const pods = informers.for(podsType);
    const revisions = informers.for(controllerRevisions);
    const book = new Expectations(env.clock);
    const waits = new FailedPodWaits(env.clock);
    indexByOwner(pods);
    indexByOwner(revisions);
    watchSets(sets, nodes, enqueue);
    watchOwned({ ownerType: daemonSets, owners: sets, objects: pods, wants: selects, enqueue, book });
    return {
      reconcile(key): Plan {
        const set = sets.get(...splitKey(key));
        if (!set?.spec || isEmptySelector(set.spec.selector)) {
          book.forget(key);
          waits.forget(key);
          return { actions: [] };
        }
        const { selector, template, revisionHistoryLimit = 10 } = set.spec;
        const claimed = claim(daemonSets, set, podsType, claimable(pods, set), (pod) => selects(set, pod));
        const history = historyOf(revisions, {
          ownerType: daemonSets,
          owner: set,
          selector,
          template,
          hashLabel: revisionHashLabel,
          hash: templateHash,
        });
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
        const cleanUp = forgetUnused(history, claimed.owned, revisionHistoryLimit);
        return { ...plan, actions: [...claimed.actions, ...history.actions, ...plan.actions, ...cleanUp] };
      },
    };
  },
});

function watchSets(sets: Informer<DaemonSet>, nodes: Informer<Node>, enqueue: (key: string) => void): void {
  const wake = (set: Stored<DaemonSet>) => enqueue(keyOf(set));
  const wakeAll = () => sets.list().forEach(wake);
  sets.subscribe({ onAdd: wake, onUpdate: (_old, set) => wake(set), onDelete: wake });
  nodes.subscribe({
    onAdd: wakeAll,
    onUpdate: (old, node) => deepEqual(placementOf(old), placementOf(node)) || wakeAll(),
    onDelete: wakeAll,
  });
}

function selects({ spec }: DaemonSet, pod: Stored<Pod>): boolean {
  return spec !== undefined && matchesSelector(spec.selector, pod.metadata.labels);
}

/** Revisions that pods still run with stay, but count. */
function forgetUnused(
  { revisions, present }: History,
  pods: readonly Stored<Pod>[],
  limit: number,
): Action[] {
  const used = new Set(pods.map(({ metadata }) => metadata.labels?.[revisionHashLabel]));
  const past = revisions.filter(({ metadata }) => metadata.name !== present.name);
  const unused = past.filter(({ metadata }) => !used.has(metadata.labels?.[revisionHashLabel]));
  return deleteOldest(unused, past.length - limit);
}

/** What of a node decides where pods may run: its heartbeats do not. */
function placementOf({ metadata, spec }: Stored<Node>) {
  return [metadata.labels, spec?.taints];
}
