/** The controller around `replicas.ts`, once for ReplicaSets and once for ReplicationControllers: what wakes it, what it sees. */

import { pods as podsType } from '#api/kinds.gen.ts';
import type { Stored } from '#api/object.ts';
import type { ResourceType } from '#api/resource.ts';
import type { LabelSelector, Pod } from '#api/types.gen.ts';
import type { ControllerContext, Plan, RunningController } from '#client/controller.ts';
import { Expectations } from '#client/expectations.ts';
import type { Informer } from '#client/informer.ts';
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
import { isPodActive, isPodTerminating } from './pod-state.ts';
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
  owners.addIndex(ownershipIndex, ownershipKeys);
  pods.addIndex(ownershipIndex, ownershipKeys);
  watchOwners(owners, context, book);
  watchPods(kind, owners, pods, context, book);

  return {
    reconcile(key): Plan {
      const owner = owners.get(...splitKey(key));
      if (!owner) {
        book.forget(key);
        return { actions: [] };
      }
      const { uid, namespace } = owner.metadata;
      const own = pods.byIndex(ownershipIndex, uid);
      const orphans = pods.byIndex(ownershipIndex, orphanKey(namespace));
      const selector = kind.selectorOf(owner);
      const selects = (pod: Pod) =>
        !isEmptySelector(selector) && matchesSelector(selector, pod.metadata?.labels);
      // Pods that have ended or are on their way out are neither adopted nor released, only counted.
      const candidates = [...own, ...orphans].filter(isPodActive);
      const { owned, actions } = claim(kind.type, owner, podsType, candidates, selects);
      const leaving = own.filter((pod) => isPodTerminating(pod) && selects(pod));
      const plan = decideReplicas(
        {
          type: kind.type,
          owner,
          pods: [...owned, ...leaving],
          related: relatedPods(owner, owners, pods),
          mayChange: book.satisfied(key),
          nowMs: context.env.clock.now(),
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

function watchPods<T extends Replicated>(
  kind: ReplicaKind<T>,
  owners: Informer<T>,
  pods: Informer<Pod>,
  context: ControllerContext,
  book: Expectations,
): void {
  const ownerOf = (pod: Stored<Pod>) => {
    const reference = controllerOfType(pod, kind.type);
    const owner = reference && owners.get(pod.metadata.namespace, reference.name);
    return owner && owner.metadata.uid === reference.uid ? owner : undefined;
  };
  /** An orphan may be wanted by any owner of its namespace. */
  const wakeAdopters = (pod: Stored<Pod>) => {
    for (const owner of owners.list(pod.metadata.namespace)) {
      if (matchesSelector(kind.selectorOf(owner), pod.metadata.labels)) context.enqueue(keyOf(owner));
    }
  };
  const leaving = (pod: Stored<Pod>) => {
    const owner = ownerOf(pod);
    if (!owner) return;
    book.deletionSeen(keyOf(owner), pod.metadata.uid);
    context.enqueue(keyOf(owner));
  };
  pods.subscribe({
    onAdd(pod) {
      if (pod.metadata.deletionTimestamp) return leaving(pod);
      const owner = ownerOf(pod);
      if (owner) {
        book.creationSeen(keyOf(owner));
        context.enqueue(keyOf(owner));
      } else if (!controllerOf(pod)) wakeAdopters(pod);
    },
    onUpdate(old, pod) {
      if (pod.metadata.deletionTimestamp) return leaving(pod);
      const [before, owner] = [ownerOf(old), ownerOf(pod)];
      if (before && before !== owner) context.enqueue(keyOf(before));
      if (owner) context.enqueue(keyOf(owner));
      else if (!controllerOf(pod)) wakeAdopters(pod);
    },
    onDelete: leaving,
  });
}

/** The pods of all owners under the same controller (the ReplicaSets of one Deployment), itself among them. */
function relatedPods<T extends Replicated>(
  owner: Stored<T>,
  owners: Informer<T>,
  pods: Informer<Pod>,
): Stored<Pod>[] {
  const controller = controllerOf(owner);
  const siblings = controller ? owners.byIndex(ownershipIndex, controller.uid) : [owner];
  return siblings.flatMap((sibling) => pods.byIndex(ownershipIndex, sibling.metadata.uid));
}
