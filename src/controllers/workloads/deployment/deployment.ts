/**
 * Rolls the pods of every Deployment from one template to the next through ReplicaSets.
 *
 * Reads Deployments, ReplicaSets and pods; writes ReplicaSets, Deployment status and the revision annotation. Follows
 * upstream's deployment-controller; what it decides is in `decide.ts`.
 */

import { deployments, pods as podsType, replicaSets as replicaSetsType } from '#api/generated/kinds.gen.ts';
import type { Deployment, DeploymentStatus, ReplicaSet } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { StatusError } from '#api/meta/status.ts';
import { deepEqual } from '#api/schema/deep-equal.ts';
import {
  type Action,
  type ControllerContext,
  defineController,
  type Plan,
} from '#client/controllers/controller.ts';
import type { Informer } from '#client/informers/informer.ts';
import { claim } from '../../shared/claiming.ts';
import { eventAction } from '../../shared/event-action.ts';
import { isEmptySelector, matchesSelector } from '../../shared/label-selector.ts';
import { claimable, controllerOf, indexByOwner, ownedBy, ownerIn } from '../../shared/ownership.ts';
import { keyOf, splitKey } from '../../shared/queue-key.ts';
import { watchOwned } from '../../shared/watch-owned.ts';
import { isSameTemplate } from '../../template/template-hash.ts';
import { type DeploymentDecision, decideDeployment } from './decide.ts';
import { DeploymentDraft, revisionAnnotation } from './draft.ts';

export const deployment = defineController({
  name: 'deployment-controller',
  start(context) {
    const all = context.informers.for(deployments);
    const replicaSets = context.informers.for(replicaSetsType);
    const pods = context.informers.for(podsType);
    indexByOwner(replicaSets);
    indexByOwner(pods);
    wake(context, all, replicaSets);
    return {
      reconcile(key): Plan {
        const one = all.get(...splitKey(key));
        if (!one?.spec) return { actions: [] };
        if (isEmptySelector(one.spec.selector)) return selectsAll(one);
        const claimed = claim(deployments, one, replicaSetsType, claimable(replicaSets, one), (candidate) =>
          selects(one, candidate),
        );
        const decision = decideDeployment({
          deployment: one,
          replicaSets: claimed.owned,
          podsOf: (replicaSet) => ownedBy(pods, replicaSet.metadata.uid),
          nowMs: context.env.clock.now(),
        });
        const { againInMs } = decision;
        const actions = [...claimed.actions, ...actionsOf(one, decision, context.env.clock.now())];
        return againInMs === undefined ? { actions } : { actions, againInMs };
      },
    };
  },
});

function wake(
  context: ControllerContext,
  all: Informer<Deployment>,
  replicaSets: Informer<ReplicaSet>,
): void {
  const wakeOne = (one: Stored<Deployment>) => context.enqueue(keyOf(one));
  all.subscribe({ onAdd: wakeOne, onUpdate: (_old, one) => wakeOne(one), onDelete: wakeOne });
  const { enqueue } = context;
  watchOwned({ ownerType: deployments, owners: all, objects: replicaSets, wants: selects, enqueue });
  // Recreate goes on when the last old pod is gone, which no ReplicaSet tells.
  context.informers.for(podsType).subscribe({
    onDelete(pod) {
      const replicaSet = ownerIn(replicaSets, replicaSetsType, pod);
      const one = replicaSet && ownerIn(all, deployments, replicaSet);
      if (one?.spec?.strategy?.type === 'Recreate') wakeOne(one);
    },
  });
}

function selects({ spec }: Deployment, replicaSet: Stored<ReplicaSet>): boolean {
  const selector = spec?.selector ?? {};
  return !isEmptySelector(selector) && matchesSelector(selector, replicaSet.metadata.labels);
}

function actionsOf(one: Stored<Deployment>, decision: DeploymentDecision, nowMs: number): Action[] {
  const actions: Action[] = [];
  if (decision.create) actions.push(createReplicaSet(one, decision.create, nowMs));
  for (const object of decision.update) actions.push({ do: 'update', type: replicaSetsType, object });
  for (const { eventType, reason, message } of decision.events)
    actions.push(eventAction(one, eventType, reason, message));
  for (const { metadata } of decision.delete) {
    const { namespace, name, uid } = metadata;
    actions.push({ do: 'delete', type: replicaSetsType, ...(namespace ? { namespace } : {}), name, uid });
  }
  const { revision, status } = decision;
  if (revision !== undefined && one.metadata.annotations?.[revisionAnnotation] !== revision) {
    actions.push(writeRevision(one, status, revision));
  } else if (!deepEqual(one.status, status)) {
    actions.push(writeStatus(one, status));
  }
  return actions;
}

function writeStatus(one: Stored<Deployment>, status: DeploymentStatus): Action {
  const object: Stored<Deployment> = { ...one, status };
  return { do: 'updateStatus', type: deployments, object };
}

/** In one write: what the status endpoint is given of the metadata it keeps, and a status makes no new generation. */
function writeRevision(one: Stored<Deployment>, status: DeploymentStatus, revision: string): Action {
  const annotations = { ...one.metadata.annotations, [revisionAnnotation]: revision };
  return writeStatus({ ...one, metadata: { ...one.metadata, annotations } }, status);
}

/** An empty selector would select every pod of the namespace: said, and nothing done. */
function selectsAll(one: Stored<Deployment>): Plan {
  const message = 'This deployment is selecting all pods. A non-empty selector is required.';
  const actions = [eventAction(one, 'Warning', 'SelectingAll', message)];
  const generation = one.metadata.generation ?? 0;
  if ((one.status?.observedGeneration ?? 0) < generation) {
    actions.push(writeStatus(one, { ...one.status, observedGeneration: generation }));
  }
  return { actions };
}

/**
 * The name is a hash of the template, so it may be taken: by this very ReplicaSet when the cache is behind (all is
 * well), or by another template (count the collision and hash again).
 */
function createReplicaSet(one: Stored<Deployment>, object: ReplicaSet, nowMs: number): Action {
  return {
    do: 'together',
    actions: [{ do: 'create', type: replicaSetsType, object }],
    afterFailure: ([failure]) => {
      const error = failure!.error;
      const isTaken = error instanceof StatusError && error.reason === 'AlreadyExists';
      return isTaken ? [settleCollision(one, object)] : failedCreate(one, object, error, nowMs);
    },
  };
}

function settleCollision(one: Stored<Deployment>, object: ReplicaSet): Action {
  const name = object.metadata!.name!;
  return {
    do: 'run',
    name: `count a collision of ${name}`,
    async run(client) {
      const { namespace, uid } = one.metadata;
      const there = await client.get(replicaSetsType, { namespace: namespace!, name });
      const isOurs = controllerOf(there)?.uid === uid;
      if (isOurs && isSameTemplate(there.spec?.template ?? {}, object.spec!.template!)) return;
      const collisionCount = (one.status?.collisionCount ?? 0) + 1;
      await client.updateStatus(deployments, { ...one, status: { ...one.status, collisionCount } });
    },
  };
}

function failedCreate(one: Stored<Deployment>, object: ReplicaSet, error: Error, nowMs: number): Action[] {
  const reason = 'ReplicaSetCreateError';
  const message = `Failed to create new replica set "${object.metadata?.name}": ${error.message}`;
  const event = eventAction(one, 'Warning', reason, message);
  const draft = new DeploymentDraft({ deployment: one, replicaSets: [], podsOf: () => [], nowMs });
  if (!draft.hasDeadline) return [event];
  draft.setCondition('Progressing', 'False', reason, message);
  const status = { ...one.status, conditions: draft.conditions };
  return deepEqual(one.status, status) ? [event] : [writeStatus(one, status), event];
}
