/**
 * Rolls the pods of every Deployment from one template to the next through ReplicaSets.
 *
 * Reads Deployments, ReplicaSets and pods; writes ReplicaSets, Deployment status and the revision annotation.
 * Follows upstream's deployment-controller; what it decides is in `decide.ts`.
 */

import { deployments, pods as podsType, replicaSets as replicaSetsType } from '#api/generated/kinds.gen.ts';
import type { Deployment, DeploymentStatus, ReplicaSet } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { deepEqual } from '#api/schema/deep-equal.ts';
import { defineController } from '#client/controllers/controller.ts';
import { type Action, nothingToDo, type Plan, planOf, targetOf } from '#client/controllers/plan.ts';
import { keyOf, splitKey } from '#client/controllers/queue-key.ts';
import { special } from '#client/controllers/special.ts';
import { watch } from '#client/controllers/watch.ts';
import { eventAction } from '../../shared/event-action.ts';
import { isEmptySelector, matchesSelector } from '../../shared/label-selector.ts';
import { claim } from '../../shared/ownership/claiming.ts';
import { claimable, indexByOwner, ownedBy, ownerIn } from '../../shared/ownership/ownership.ts';
import { watchOwned } from '../../shared/ownership/watch-owned.ts';
import { countCollision } from '../../template/name-collision.ts';
import { type DeploymentChanges, decideDeployment } from './decide.ts';
import { DeploymentDraft, revisionAnnotation } from './draft.ts';

export const deployment = defineController({
  name: 'deployment-controller',
  start({ informers, env }) {
    const owners = informers.for(deployments);
    const replicaSets = informers.for(replicaSetsType);
    const pods = informers.for(podsType);
    indexByOwner(replicaSets);
    indexByOwner(pods);
    return {
      watches: [
        watch({ type: deployments }),
        watchOwned({ type: replicaSetsType, ownerType: deployments, owners, wants: selects }),
        // Recreate continues when the last old pod is gone, which no change of a ReplicaSet shows.
        watch({
          type: podsType,
          on: ['deleted'],
          keys(pod) {
            const replicaSet = ownerIn(replicaSets, replicaSetsType, pod);
            const owner = replicaSet && ownerIn(owners, deployments, replicaSet);
            return owner?.spec?.strategy?.type === 'Recreate' ? [keyOf(owner)] : [];
          },
        }),
      ],
      steps: [countCollision],
      reconcile(key): Plan {
        const owner = owners.get(...splitKey(key));
        if (!owner?.spec) return nothingToDo;
        if (isEmptySelector(owner.spec.selector)) return selectsAll(owner);
        const candidates = claimable(replicaSets, owner);
        const claimed = claim(deployments, owner, replicaSetsType, candidates, (candidate) =>
          selects(owner, candidate),
        );
        const nowMs = env.clock.now();
        const changes = decideDeployment({
          deployment: owner,
          replicaSets: claimed.owned,
          podsOf: (replicaSet) => ownedBy(pods, replicaSet.metadata.uid),
          nowMs,
        });
        const actions = [...claimed.actions, ...actionsOf(owner, changes, nowMs)];
        return planOf(actions, changes.againInMs);
      },
    };
  },
});

function selects({ spec }: Deployment, replicaSet: Stored<ReplicaSet>): boolean {
  const selector = spec?.selector ?? {};
  return !isEmptySelector(selector) && matchesSelector(selector, replicaSet.metadata.labels);
}

function actionsOf(owner: Stored<Deployment>, changes: DeploymentChanges, nowMs: number): Action[] {
  const actions: Action[] = [];
  if (changes.create) actions.push(createReplicaSet(owner, changes.create, nowMs));
  for (const object of changes.update) actions.push({ do: 'update', type: replicaSetsType, object });
  for (const { eventType, reason, message } of changes.events) {
    actions.push(eventAction(owner, eventType, reason, message));
  }
  for (const replicaSet of changes.delete) {
    actions.push({ do: 'delete', ...targetOf(replicaSetsType, replicaSet), uid: replicaSet.metadata.uid });
  }
  const { revision, status } = changes;
  if (revision !== undefined && owner.metadata.annotations?.[revisionAnnotation] !== revision) {
    actions.push(writeRevision(owner, status, revision));
  } else if (!deepEqual(owner.status, status)) {
    actions.push(writeStatus(owner, status));
  }
  return actions;
}

function writeStatus(owner: Stored<Deployment>, status: DeploymentStatus): Action {
  const object: Stored<Deployment> = { ...owner, status };
  return { do: 'updateStatus', type: deployments, object };
}

/**
 * In one write: the status endpoint accepts the metadata that it is given, and a status write does not change
 * the generation.
 */
function writeRevision(owner: Stored<Deployment>, status: DeploymentStatus, revision: string): Action {
  const annotations = { ...owner.metadata.annotations, [revisionAnnotation]: revision };
  return writeStatus({ ...owner, metadata: { ...owner.metadata, annotations } }, status);
}

/** An empty selector would select every pod of the namespace: an event, and nothing else. */
function selectsAll(owner: Stored<Deployment>): Plan {
  const message = 'This deployment is selecting all pods. A non-empty selector is required.';
  const actions: Action[] = [eventAction(owner, 'Warning', 'SelectingAll', message)];
  const generation = owner.metadata.generation ?? 0;
  if ((owner.status?.observedGeneration ?? 0) < generation) {
    actions.push(writeStatus(owner, { ...owner.status, observedGeneration: generation }));
  }
  return { actions };
}

/**
 * The name contains a hash of the template, so it may be taken: then the collision is counted, and the hash
 * is computed again.
 */
function createReplicaSet(owner: Stored<Deployment>, object: ReplicaSet, nowMs: number): Action {
  const about = `${replicaSetsType.kind} ${owner.metadata.namespace}/${object.metadata?.name}`;
  const collision = { ownerType: deployments, owner, type: replicaSetsType, object };
  return {
    do: 'create',
    type: replicaSetsType,
    object,
    ifTaken: [special(countCollision, about, collision)],
    ifFailed: reportRefusal(owner, object, nowMs),
  };
}

function reportRefusal(owner: Stored<Deployment>, object: ReplicaSet, nowMs: number): Action[] {
  const reason = 'ReplicaSetCreateError';
  const message = `Failed to create new replica set "${object.metadata?.name}": `;
  const event = eventAction(owner, 'Warning', reason, message, 'error');
  const draft = new DeploymentDraft({ deployment: owner, replicaSets: [], podsOf: () => [], nowMs });
  if (!draft.hasDeadline) return [event];
  draft.setCondition('Progressing', 'False', reason, message);
  const status = { ...owner.status, conditions: draft.conditions };
  if (deepEqual(owner.status, status)) return [event];
  return [
    { do: 'updateStatus', type: deployments, object: { ...owner, status }, failureIn: 'Progressing' },
    event,
  ];
}
