/** Sets up a declared watch: subscribes to its informer, and turns changes into keys. */

import type { KubeObject, Stored } from '#api/meta/object.ts';
import { deepEqual } from '#api/schema/deep-equal.ts';
import type { Informers } from '../informers/informer.ts';
import type { OwnObjects } from './own-objects.ts';
import { keyOf } from './queue-key.ts';
import type { Change, Watch } from './watch.ts';

export interface WatchTools {
  readonly informers: Informers;
  readonly own: OwnObjects;
  enqueue(key: string, delayMs?: number): void;
}

export function subscribe(watch: Watch, { informers, own, enqueue }: WatchTools): void {
  const informer = informers.for(watch.type, watch.selection);
  const isOwn = !watch.owner && !watch.keys;
  if (isOwn) own.add(watch.type, informer);
  let isReplaying = true;

  const wakes = (change: Change) => !watch.on || watch.on.includes(change);
  const wake = (object: Stored<KubeObject>) => {
    for (const key of keysOf(watch, object)) enqueue(key, watch.delayMs);
  };
  informer.subscribe({
    onAdd(object) {
      const change = isReplaying || !informer.hasSynced ? 'listed' : 'added';
      lower(watch, object, own, object.metadata.deletionTimestamp === undefined);
      if (wakes(change)) wake(object);
      watch.note?.(change, object);
    },
    onUpdate(old, object) {
      if (object.metadata.deletionTimestamp) lower(watch, object, own, false);
      if (isOwn && own.seen(object)) enqueue(keyOf(object));
      if (wakes('updated') && (!watch.changed || watch.changed(old, object))) {
        if (mayHaveMoved(old, object)) wake(old);
        wake(object);
      }
      watch.note?.('updated', object, old);
    },
    onDelete(object) {
      lower(watch, object, own, false);
      if (isOwn) own.deleted(object);
      if (wakes('deleted')) wake(object);
      watch.note?.('deleted', object);
    },
  });
  isReplaying = false;
}

function mayHaveMoved({ metadata: old }: Stored<KubeObject>, { metadata: now }: Stored<KubeObject>): boolean {
  return !deepEqual(old.labels, now.labels) || !deepEqual(old.ownerReferences, now.ownerReferences);
}

/** An object that a plan created or deleted has been observed. */
function lower(watch: Watch, object: Stored<KubeObject>, own: OwnObjects, isCreated: boolean): void {
  const key = watch.owner?.(object);
  if (key === undefined) return;
  if (isCreated) own.expectations.creationSeen(key);
  else own.expectations.deletionSeen(key, object.metadata.uid);
}

function* keysOf(watch: Watch, object: Stored<KubeObject>): Generator<string> {
  if (watch.filter && !watch.filter(object)) return;
  if (!watch.owner && !watch.keys) yield keyOf(object);
  const owner = watch.owner?.(object);
  if (owner !== undefined) yield owner;
  if (watch.keys) yield* watch.keys(object);
}
