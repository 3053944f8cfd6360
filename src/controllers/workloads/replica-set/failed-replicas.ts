/**
 * Counts the pods of each owner that have ended and are not replaced yet. Replacements are paced: where a node refuses
 * every pod, the next one would be refused too.
 */

import type { Pod } from '#api/generated/types.gen.ts';
import type { KubeObject, Stored } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { isPodActive, isPodTerminal } from '#api/pods/state.ts';
import type { Informer } from '#client/informers/informer.ts';
import type { Allowance, AskAllowance } from '#client/queue/write-pace.ts';
import { ownerIn } from '../../shared/ownership.ts';

export class FailedReplicas {
  private readonly byOwner = new Map<string, number>();

  count(owner: Stored<KubeObject>): void {
    const { uid } = owner.metadata;
    this.byOwner.set(uid, (this.byOwner.get(uid) ?? 0) + 1);
  }

  forget(owner: Stored<KubeObject>): void {
    this.byOwner.delete(owner.metadata.uid);
  }

  /** Allows pods that are missing: those that failed ones do not account for first. */
  allow(owner: Stored<KubeObject>, missing: number, ask: AskAllowance): Allowance {
    const replacing = Math.min(this.byOwner.get(owner.metadata.uid) ?? 0, missing);
    const allowed = ask(missing, { replacing });
    const left = Math.min(replacing, missing - allowed.count);
    if (left > 0) this.byOwner.set(owner.metadata.uid, left);
    else this.forget(owner);
    return allowed;
  }
}

export function watchFailures<O extends KubeObject>(
  failed: FailedReplicas,
  ownerType: ResourceType<O>,
  owners: Informer<O>,
  pods: Informer<Pod>,
): void {
  const ended = (pod: Stored<Pod>) => {
    // A pod that ends because it is being deleted has not failed.
    if (!isPodTerminal(pod) || pod.metadata.deletionTimestamp) return;
    const owner = ownerIn(owners, ownerType, pod);
    if (owner) failed.count(owner);
  };
  owners.subscribe({ onDelete: (owner) => failed.forget(owner) });
  pods.subscribe({
    onAdd(pod) {
      // Pods that the first list has may have ended long ago.
      if (pods.hasSynced) ended(pod);
    },
    onUpdate(old, pod) {
      if (isPodActive(old)) ended(pod);
    },
  });
}
