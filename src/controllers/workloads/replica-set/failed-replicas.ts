/**
 * Counts the pods of each owner that have ended and are not replaced yet. Replacements are paced: where a
 * node rejects every pod, the next one would be rejected too.
 */

import type { Pod } from '#api/generated/types.gen.ts';
import type { KubeObject, Stored } from '#api/meta/object.ts';
import { isPodActive, isPodTerminal } from '#api/pods/state.ts';
import type { Change } from '#client/controllers/watch.ts';
import type { Allowance, AskAllowance } from '#client/queue/write-pace.ts';

export class FailedReplicas {
  readonly #byOwner = new Map<string, number>();

  /** Pods that are listed at the start may have ended long ago. */
  note(
    change: Change,
    pod: Stored<Pod>,
    old: Stored<Pod> | undefined,
    owner: Stored<KubeObject> | undefined,
  ) {
    const hasJustEnded = change === 'added' || (change === 'updated' && old && isPodActive(old));
    // A pod that ends because it is being deleted has not failed.
    if (!owner || !hasJustEnded || !isPodTerminal(pod) || pod.metadata.deletionTimestamp) return;
    const { uid } = owner.metadata;
    this.#byOwner.set(uid, (this.#byOwner.get(uid) ?? 0) + 1);
  }

  forget(owner: Stored<KubeObject>): void {
    this.#byOwner.delete(owner.metadata.uid);
  }

  /** The allowance for missing pods: those that failed pods do not account for first. */
  allow(owner: Stored<KubeObject>, missing: number, ask: AskAllowance): Allowance {
    const replacing = Math.min(this.#byOwner.get(owner.metadata.uid) ?? 0, missing);
    const allowed = ask(missing, { replacing });
    const left = Math.min(replacing, missing - allowed.count);
    if (left > 0) this.#byOwner.set(owner.metadata.uid, left);
    else this.forget(owner);
    return allowed;
  }
}
