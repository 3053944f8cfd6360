/**
 * Decides what a DELETE does to an object, and marks a terminating one. Pure, except that it changes the given object.
 */

import type { Strategy } from '#api/kind/strategy.ts';
import type { AnyObject, ObjectMeta } from '#api/meta/object.ts';
import { durationMs, rfc3339 } from '#base/clock.ts';
import { type DeletionRequest, finalizersAfter } from './delete-options.ts';

export type Plan =
  | { readonly do: 'remove' }
  /** The object is terminating already, and the request changes nothing. */
  | { readonly do: 'wait' }
  /** The object has been changed and must be written; with `thenRemove` it is removed afterwards. */
  | { readonly do: 'mark'; readonly thenRemove: boolean };

export function planDeletion(
  strategy: Strategy,
  object: AnyObject,
  deletion: DeletionRequest,
  nowMs: number,
): Plan {
  if (strategy.hasOwnFinalizers) return planFinalizing(strategy, object, deletion, nowMs);
  const meta = object.metadata!;
  const grace = graceOf(strategy, object, deletion, nowMs);
  if (grace === 'pending') return { do: 'wait' };
  const before = meta.finalizers ?? [];
  const finalizers = finalizersAfter(strategy, before, deletion);
  const finalizersChange = finalizers.join() !== before.join();
  if (!grace && before.length === 0 && !finalizersChange) return { do: 'remove' };
  if (finalizers.length > 0) meta.finalizers = finalizers;
  else delete meta.finalizers;
  if (grace) {
    return { do: 'mark', thenRemove: finalizers.length === 0 && meta.deletionGracePeriodSeconds === 0 };
  }
  if (finalizers.length === 0) return { do: 'remove' };
  const wasMarked = meta.deletionTimestamp !== undefined && meta.deletionGracePeriodSeconds === 0;
  if (wasMarked && !finalizersChange) return { do: 'wait' };
  markNow(meta, nowMs);
  return { do: 'mark', thenRemove: false };
}

/**
 * A kind with finalizers in its spec, as Namespace, is marked first in any case, and terminates until these and the
 * finalizers in its metadata are removed.
 */
function planFinalizing(
  strategy: Strategy,
  object: AnyObject,
  deletion: DeletionRequest,
  nowMs: number,
): Plan {
  const meta = object.metadata!;
  if (meta.deletionTimestamp) {
    const isWaiting = strategy.hasOwnFinalizers?.(object) || (meta.finalizers ?? []).length > 0;
    return isWaiting ? { do: 'wait' } : { do: 'remove' };
  }
  meta.deletionTimestamp = rfc3339(nowMs);
  strategy.markTerminating?.(object);
  const finalizers = finalizersAfter({}, meta.finalizers ?? [], deletion);
  if (finalizers.length > 0) meta.finalizers = finalizers;
  else delete meta.finalizers;
  return { do: 'mark', thenRemove: false };
}

/** Sets the grace period; false for a deletion without one. */
function graceOf(
  strategy: Strategy,
  object: AnyObject,
  deletion: DeletionRequest,
  nowMs: number,
): 'marked' | 'pending' | false {
  if (!strategy.gracefulDeletionSeconds) return false;
  const meta = object.metadata!;
  const wanted = notNegative(deletion.gracePeriodSeconds);
  if (meta.deletionTimestamp) return shorten(meta, wanted, nowMs);
  const seconds = strategy.gracefulDeletionSeconds(object, wanted);
  meta.deletionTimestamp = rfc3339(nowMs + durationMs(seconds));
  meta.deletionGracePeriodSeconds = seconds;
  bumpGeneration(meta);
  return 'marked';
}

function shorten(meta: ObjectMeta, wanted: number | undefined, nowMs: number): 'marked' | 'pending' | false {
  const before = notNegative(meta.deletionGracePeriodSeconds) ?? 0;
  if (before === 0) return false;
  if (wanted === undefined || wanted >= before) return 'pending';
  const endMs = Date.parse(meta.deletionTimestamp!) - durationMs(before) + durationMs(wanted);
  const isOver = endMs < nowMs;
  meta.deletionTimestamp = rfc3339(isOver ? nowMs : endMs);
  // Even after the period the kubelet has to end the pod, unless the grace period is 0.
  meta.deletionGracePeriodSeconds = isOver && wanted !== 0 ? 1 : wanted;
  return 'marked';
}

/** As upstream: a negative period counts as one second. */
function notNegative(seconds: number | undefined): number | undefined {
  return seconds !== undefined && seconds < 0 ? 1 : seconds;
}

function markNow(meta: ObjectMeta, nowMs: number): void {
  if (!meta.deletionTimestamp) {
    meta.deletionTimestamp = rfc3339(nowMs);
    bumpGeneration(meta);
  }
  meta.deletionGracePeriodSeconds = 0;
}

function bumpGeneration(meta: ObjectMeta): void {
  if (meta.generation) meta.generation++;
}
