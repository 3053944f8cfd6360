/**
 * Rolls the pods of every Deployment from one template to the next through ReplicaSets.
 *
 * Reads Deployments, ReplicaSets and pods; writes ReplicaSets, Deployment status and the revision annotation. Follows
 * upstream's deployment-controller; what it decides is in `deployment-decision.ts`.
 */

import { deepEqual } from '#api/deep-equal.ts';
import { deployments, pods as podsType, replicaSets as replicaSetsType } from '#api/kinds.gen.ts';
import type { Stored } from '#api/object.ts';
import { StatusError } from '#api/status.ts';
import type { Deployment, DeploymentStatus, ReplicaSet } from '#api/types.gen.ts';
import { type Action, type ControllerContext, defineController, type Plan } from '#client/controller.ts';
import type { Informer } from '#client/informer.ts';
import { type DeploymentDecision, decideDeployment } from './deployment-decision.ts';
import { DeploymentDraft, type DraftEvent, revisionAnnotation } from './deployment-draft.ts';
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
import { isSameTemplate } from './template-hash.ts';

export const deployment = defineController({
  name: 'deployment-controller',
  start(context) {
    const all = context.informers.for(deployments);
    const replicaSets = context.informers.for(replicaSetsType);
    const pods = context.informers.for(podsType);
    replicaSets.addIndex(ownershipIndex, ownershipKeys);
    pods.addIndex(ownershipIndex, ownershipKeys);
    wake(context, all, replicaSets);
    return {
      reconcile(key): Plan {
        const one = all.get(...splitKey(key));
        if (!one?.spec) return { actions: [] };
        const { selector } = one.spec;
        if (isEmptySelector(selector)) return selectsAll(one);
        const candidates = [
          ...replicaSets.byIndex(ownershipIndex, one.metadata.uid),
          ...replicaSets.byIndex(ownershipIndex, orphanKey(one.metadata.namespace)),
        ];
        const claimed = claim(deployments, one, replicaSetsType, candidates, (candidate) =>
          matchesSelector(selector, candidate.metadata.labels),
        );
        const decision = decideDeployment({
          deployment: one,
          replicaSets: claimed.owned,
          podsOf: (replicaSet) => pods.byIndex(ownershipIndex, replicaSet.metadata.uid),
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
  const enqueue = (one: Stored<Deployment>) => context.enqueue(keyOf(one));
  all.subscribe({ onAdd: enqueue, onUpdate: (_old, one) => enqueue(one), onDelete: enqueue });
  const ownerOf = (replicaSet: Stored<ReplicaSet>) => {
    const owner = controllerOfType(replicaSet, deployments);
    const found = owner && all.get(replicaSet.metadata.namespace, owner.name);
    return found?.metadata.uid === owner?.uid ? found : undefined;
  };
  const onChange = (replicaSet: Stored<ReplicaSet>) => {
    const owner = ownerOf(replicaSet);
    if (owner) enqueue(owner);
    if (controllerOf(replicaSet) || replicaSet.metadata.deletionTimestamp) return;
    for (const one of all.list(replicaSet.metadata.namespace)) {
      const selector = one.spec?.selector ?? {};
      if (!isEmptySelector(selector) && matchesSelector(selector, replicaSet.metadata.labels)) enqueue(one);
    }
  };
  replicaSets.subscribe({
    onAdd: onChange,
    onUpdate(old, replicaSet) {
      if (controllerOf(old)?.uid !== controllerOf(replicaSet)?.uid) onChange(old);
      onChange(replicaSet);
    },
    onDelete: onChange,
  });
  // Recreate goes on when the last old pod is gone, which no ReplicaSet tells.
  context.informers.for(podsType).subscribe({
    onDelete(pod) {
      const owner = controllerOfType(pod, replicaSetsType);
      const replicaSet = owner && replicaSets.get(pod.metadata.namespace, owner.name);
      const one = replicaSet && ownerOf(replicaSet);
      if (one?.spec?.strategy?.type === 'Recreate') enqueue(one);
    },
  });
}

function actionsOf(one: Stored<Deployment>, decision: DeploymentDecision, nowMs: number): Action[] {
  const actions: Action[] = [];
  const tell = ({ eventType, reason, message }: DraftEvent): Action => ({
    do: 'event',
    regarding: one,
    eventType,
    reason,
    message,
  });
  if (decision.create) actions.push(createReplicaSet(one, decision.create, nowMs));
  for (const object of decision.update) actions.push({ do: 'update', type: replicaSetsType, object });
  actions.push(...decision.events.map(tell));
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
  const actions: Action[] = [
    { do: 'event', regarding: one, eventType: 'Warning', reason: 'SelectingAll', message },
  ];
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
  const event: Action = { do: 'event', regarding: one, eventType: 'Warning', reason, message };
  const draft = new DeploymentDraft({ deployment: one, replicaSets: [], podsOf: () => [], nowMs });
  if (!draft.hasDeadline) return [event];
  draft.setCondition('Progressing', 'False', reason, message);
  const status = { ...one.status, conditions: draft.conditions };
  return deepEqual(one.status, status) ? [event] : [writeStatus(one, status), event];
}
