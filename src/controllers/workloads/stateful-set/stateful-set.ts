/**
 * Keeps the pods of every StatefulSet: named by ordinal, created and deleted in order, each with its own
 * claims.
 *
 * Reads StatefulSets, pods, claims and ControllerRevisions; writes pods, claims, ControllerRevisions and
 * StatefulSet status. Follows upstream's statefulset-controller.
 */

import {
  controllerRevisions,
  persistentVolumeClaims,
  pods as podsType,
  statefulSets,
} from '#api/generated/kinds.gen.ts';
import type { ControllerRevision, Pod, PodTemplateSpec, StatefulSet } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { defineController } from '#client/controllers/controller.ts';
import { nothingToDo, type Plan } from '#client/controllers/plan.ts';
import { splitKey } from '#client/controllers/queue-key.ts';
import { watch } from '#client/controllers/watch.ts';
import { isEmptySelector, matchesSelector } from '../../shared/label-selector.ts';
import { claim } from '../../shared/ownership/claiming.ts';
import { claimable, indexByOwner } from '../../shared/ownership/ownership.ts';
import { watchOwned } from '../../shared/ownership/watch-owned.ts';
import { deleteOldest, historyOf, templateOf } from '../../template/controller-revisions.ts';
import { countCollision } from '../../template/name-collision.ts';
import { revisionHash } from '../../template/revision-hash.ts';
import { decideStatefulSet } from './decide.ts';
import { ordinalOf, revisionLabel } from './pod.ts';
import type { Revision } from './view.ts';

export const statefulSet = defineController({
  name: 'statefulset-controller',
  start({ informers, env, allowance }) {
    const owners = informers.for(statefulSets);
    const pods = informers.for(podsType);
    const claims = informers.for(persistentVolumeClaims);
    const revisions = informers.for(controllerRevisions);
    indexByOwner(pods);
    indexByOwner(revisions);
    return {
      watches: [
        watch({ type: statefulSets }),
        watchOwned({ type: podsType, ownerType: statefulSets, owners, wants: selects }),
      ],
      steps: [countCollision],
      reconcile(key): Plan {
        const set = owners.get(...splitKey(key));
        if (!set?.spec || isEmptySelector(set.spec.selector)) return nothingToDo;
        const { selector, template, revisionHistoryLimit = 10 } = set.spec;
        const claimed = claim(
          statefulSets,
          set,
          podsType,
          claimable(pods, set),
          (pod) => ordinalOf(set, pod) !== undefined && selects(set, pod),
        );
        const history = historyOf(revisions, {
          ownerType: statefulSets,
          owner: set,
          selector,
          template,
          hashLabel: 'controller.kubernetes.io/hash',
          hash: revisionHash,
        });
        const update = { name: history.present.name, template };
        const current = currentRevision(set, history.revisions, update);
        const plan = decideStatefulSet({
          set,
          pods: claimed.owned,
          current,
          update,
          claim: (name) => claims.get(set.metadata.namespace, name),
          nowMs: env.clock.now(),
          allowance,
        });
        const used = new Set<string | undefined>([current.name, update.name]);
        for (const { metadata } of claimed.owned) used.add(metadata.labels?.[revisionLabel]);
        const unused = history.revisions.filter(({ metadata }) => !used.has(metadata.name));
        const cleanUp = deleteOldest(unused, unused.length - revisionHistoryLimit);
        return { ...plan, actions: [...claimed.actions, ...history.actions, ...plan.actions, ...cleanUp] };
      },
    };
  },
});

function selects({ spec }: StatefulSet, pod: Stored<Pod>): boolean {
  return spec !== undefined && matchesSelector(spec.selector, pod.metadata.labels);
}

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
