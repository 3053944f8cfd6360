/** The controller around `replicas.ts`, once for ReplicaSets and once for ReplicationControllers: what wakes it, what it sees. */

import { pods as podsType } from '#api/generated/kinds.gen.ts';
import type { LabelSelector, Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { isPodActive, isPodTerminating } from '#api/pods/state.ts';
import type { ControllerContext, Plan, RunningController } from '#client/controllers/controller.ts';
import { Expectations } from '#client/controllers/expectations.ts';
import type { Informer } from '#client/informers/informer.ts';
import { claim } from '../../shared/claiming.ts';
import { isEmptySelector, matchesSelector } from '../../shared/label-selector.ts';
import { claimable, controllerOf, indexByOwner, ownedBy } from '../../shared/ownership.ts';
import { keyOf, splitKey } from '../../shared/queue-key.ts';
import { watchOwned } from '../../shared/watch-owned.ts';
import { FailedReplicas, watchFailures } from './failed-replicas.ts';
import { decideReplicas, type Replicated } from './replicas.ts';

export interface ReplicaKind<T extends Replicated> {
  readonly type: ResourceType<T>;
  selectorOf(owner: T): LabelSelector;
  readonly reportsTerminating: boolean;
}

export function startReplicaController<T extends Replicated>(
  kind: ReplicaKind<T>,
  context: ControllerContext,
): RunningController {
  const owners = context.informers.for(kind.type);
  const pods = context.informers.for(podsType);
  const book = new Expectations(context.env.clock);
  indexByOwner(owners);
  indexByOwner(pods);
  const failed = new FailedReplicas();
  // Before the owner is woken, so that its next plan knows of the failure.
  watchFailures(failed, kind.type, owners, pods);
  watchOwners(owners, context, book);
  watchOwned({
    ownerType: kind.type,
    owners,
    objects: pods,
    wants: (owner, pod) => matchesSelector(kind.selectorOf(owner), pod.metadata.labels),
    enqueue: context.enqueue,
    book,
  });

  return {
    reconcile(key): Plan {
      const owner = owners.get(...splitKey(key));
      if (!owner) {
        book.forget(key);
        return { actions: [] };
      }
      const selector = kind.selectorOf(owner);
      const selects = (pod: Pod) =>
        !isEmptySelector(selector) && matchesSelector(selector, pod.metadata?.labels);
      // Pods that have ended or are on their way out are neither adopted nor released, only counted.
      const candidates = claimable(pods, owner).filter(isPodActive);
      const { owned, actions } = claim(kind.type, owner, podsType, candidates, selects);
      const leaving = ownedBy(pods, owner.metadata.uid).filter(
        (pod) => isPodTerminating(pod) && selects(pod),
      );
      const plan = decideReplicas(
        {
          type: kind.type,
          owner,
          pods: [...owned, ...leaving],
          related: () => relatedPods(owner, owners, pods),
          mayChange: book.satisfied(key),
          nowMs: context.env.clock.now(),
          allowance: (missing) => failed.allow(owner, missing, context.allowance),
          reportsTerminating: kind.reportsTerminating,
        },
        { book, key },
      );
      return { ...plan, actions: [...actions, ...plan.actions] };
    },
  };
}

function watchOwners<T extends Replicated>(
  owners: Informer<T>,
  context: ControllerContext,
  book: Expectations,
): void {
  owners.subscribe({
    onAdd: (owner) => context.enqueue(keyOf(owner)),
    onUpdate: (_old, owner) => context.enqueue(keyOf(owner)),
    onDelete(owner) {
      book.forget(keyOf(owner));
      context.enqueue(keyOf(owner));
    },
  });
}

/** The pods of all owners under the same controller (the ReplicaSets of one Deployment), itself among them. */
function relatedPods<T extends Replicated>(
  owner: Stored<T>,
  owners: Informer<T>,
  pods: Informer<Pod>,
): Stored<Pod>[] {
  const controller = controllerOf(owner);
  const siblings = controller ? ownedBy(owners, controller.uid) : [owner];
  return siblings.flatMap((sibling) => ownedBy(pods, sibling.metadata.uid));
}
