/**
 * Keeps one pod of every DaemonSet on every eligible node.
 *
 * Reads DaemonSets, nodes, pods and ControllerRevisions; writes pods, ControllerRevisions and DaemonSet
 * status. Follows upstream's daemonset-controller.
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
import { type BackOffLimits, BackOffs } from '#base/back-off.ts';
import { defineController } from '#client/controllers/controller.ts';
import { type Action, nothingToDo, type Plan } from '#client/controllers/plan.ts';
import { keyOf, splitKey } from '#client/controllers/queue-key.ts';
import { watch } from '#client/controllers/watch.ts';
import { isEmptySelector, matchesSelector } from '../../shared/label-selector.ts';
import { claim } from '../../shared/ownership/claiming.ts';
import { claimable, indexByOwner } from '../../shared/ownership/ownership.ts';
import { watchOwned } from '../../shared/ownership/watch-owned.ts';
import { deleteOldest, type History, historyOf } from '../../template/controller-revisions.ts';
import { countCollision } from '../../template/name-collision.ts';
import { templateHash } from '../../template/template-hash.ts';
import { decideDaemonSet } from './decide.ts';
import { revisionHashLabel } from './pod.ts';

/**
 * Between replacements of failed pods on one node, so that a kubelet that rejects them does not cause a busy
 * loop.
 */
const failedPods: BackOffLimits = { initialMs: 1_000, maxMs: 15 * 60_000 };

export const daemonSet = defineController({
  name: 'daemon-set-controller',
  start({ informers, env }) {
    const owners = informers.for(daemonSets);
    const nodes = informers.for(nodesType);
    const pods = informers.for(podsType);
    const revisions = informers.for(controllerRevisions);
    const waits = new BackOffs(() => env.clock.monotonicMs(), failedPods);
    indexByOwner(pods);
    indexByOwner(revisions);
    return {
      watches: [
        watch({
          type: daemonSets,
          note(change, set) {
            if (change === 'deleted') waits.forget(`${keyOf(set)}/`);
          },
        }),
        watchOwned({ type: podsType, ownerType: daemonSets, owners, wants: selects }),
        watch({
          type: nodesType,
          changed: (old, node) => !deepEqual(placementOf(old), placementOf(node)),
          keys: () => owners.list().map(keyOf),
        }),
      ],
      steps: [countCollision],
      reconcile(key, { isCurrent }): Plan {
        const set = owners.get(...splitKey(key));
        if (!set?.spec || isEmptySelector(set.spec.selector)) return nothingToDo;
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
        const { failedOn, ...plan } = decideDaemonSet({
          set,
          nodes: nodes.list(),
          pods: claimed.owned,
          hash: history.present.hash,
          mayChange: isCurrent,
          nowMs: env.clock.now(),
          waitMs: (node) => waits.remainingMs(`${key}/${node}`),
        });
        for (const node of failedOn) waits.next(`${key}/${node}`);
        const cleanUp = forgetUnused(history, claimed.owned, revisionHistoryLimit);
        return { ...plan, actions: [...claimed.actions, ...history.actions, ...plan.actions, ...cleanUp] };
      },
    };
  },
});

function selects({ spec }: DaemonSet, pod: Stored<Pod>): boolean {
  return spec !== undefined && matchesSelector(spec.selector, pod.metadata.labels);
}

/** Revisions that pods still use are kept, but count. */
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

/** Fields of a node that determine placement: heartbeats do not matter. */
function placementOf({ metadata, spec }: Stored<Node>) {
  return [metadata.labels, spec?.taints];
}
