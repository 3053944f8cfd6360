/**
 * The controller around `replicas.ts`, for ReplicaSets and for ReplicationControllers: its watches and its
 * view.
 */

import { pods as podsType } from '#api/generated/kinds.gen.ts';
import type { LabelSelector, Pod } from '#api/generated/types.gen.ts';
import { controllerOf } from '#api/meta/controller-of.ts';
import type { Stored } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { isPodActive, isPodTerminating } from '#api/pods/state.ts';
import type { ControllerContext, RunningController } from '#client/controllers/controller.ts';
import { nothingToDo, type Plan } from '#client/controllers/plan.ts';
import { splitKey } from '#client/controllers/queue-key.ts';
import { watch } from '#client/controllers/watch.ts';
import type { Informer } from '#client/informers/informer.ts';
import { isEmptySelector, matchesSelector } from '../../shared/label-selector.ts';
import { claim } from '../../shared/ownership/claiming.ts';
import { claimable, indexByOwner, ownedBy, ownerIn } from '../../shared/ownership/ownership.ts';
import { watchOwned } from '../../shared/ownership/watch-owned.ts';
import { FailedReplicas } from './failed-replicas.ts';
import { decideReplicas, type Replicated } from './replicas.ts';

export interface ReplicaKind<T extends Replicated> {
  readonly type: ResourceType<T>;
  selectorOf(owner: T): LabelSelector;
  readonly reportsTerminating: boolean;
}

export function startReplicaController<T extends Replicated>(
  kind: ReplicaKind<T>,
  { informers, env, allowance }: ControllerContext,
): RunningController {
  const owners = informers.for(kind.type);
  const pods = informers.for(podsType);
  indexByOwner(owners);
  indexByOwner(pods);
  const failed = new FailedReplicas();

  return {
    watches: [
      watch({
        type: kind.type,
        note(change, owner) {
          if (change === 'deleted') failed.forget(owner);
        },
      }),
      watchOwned(
        {
          type: podsType,
          ownerType: kind.type,
          owners,
          wants: (owner, pod) => matchesSelector(kind.selectorOf(owner), pod.metadata.labels),
        },
        (change, pod, old) => failed.note(change, pod, old, ownerIn(owners, kind.type, pod)),
      ),
    ],
    reconcile(key, { isCurrent }): Plan {
      const owner = owners.get(...splitKey(key));
      if (!owner) return nothingToDo;
      const selector = kind.selectorOf(owner);
      const selects = (pod: Pod) =>
        !isEmptySelector(selector) && matchesSelector(selector, pod.metadata?.labels);
      // Pods that have ended or are terminating are neither adopted nor released, only counted.
      const candidates = claimable(pods, owner).filter(isPodActive);
      const { owned, actions } = claim(kind.type, owner, podsType, candidates, selects);
      const terminating = ownedBy(pods, owner.metadata.uid).filter(
        (pod) => isPodTerminating(pod) && selects(pod),
      );
      const plan = decideReplicas({
        type: kind.type,
        owner,
        pods: [...owned, ...terminating],
        related: () => relatedPods(owner, owners, pods),
        mayChange: isCurrent,
        nowMs: env.clock.now(),
        allowance: (missing) => failed.allow(owner, missing, allowance),
        reportsTerminating: kind.reportsTerminating,
      });
      return { ...plan, actions: [...actions, ...plan.actions] };
    },
  };
}

/** The pods of all owners with the same controller (the ReplicaSets of one Deployment), including its own. */
function relatedPods<T extends Replicated>(
  owner: Stored<T>,
  owners: Informer<T>,
  pods: Informer<Pod>,
): Stored<Pod>[] {
  const controller = controllerOf(owner);
  const siblings = controller ? ownedBy(owners, controller.uid) : [owner];
  return siblings.flatMap((sibling) => ownedBy(pods, sibling.metadata.uid));
}
