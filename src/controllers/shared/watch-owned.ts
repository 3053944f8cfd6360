/**
 * Wakes a controller when what its objects own changes: the owner; for an orphan every owner that would want it; for what
 * changed hands the owner before, too.
 */

import type { KubeObject, Stored } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import type { Expectations } from '#client/controllers/expectations.ts';
import type { Informer } from '#client/informers/informer.ts';
import { controllerOf, ownerIn } from './ownership.ts';
import { keyOf } from './queue-key.ts';

export interface OwnedWatch<O extends KubeObject, T extends KubeObject> {
  readonly ownerType: ResourceType<O>;
  readonly owners: Informer<O>;
  readonly objects: Informer<T>;
  wants(owner: Stored<O>, object: Stored<T>): boolean;
  enqueue(key: string): void;
  /** Counts the creations and deletions that have been seen. */
  readonly book?: Expectations;
}

export function watchOwned<O extends KubeObject, T extends KubeObject>(watch: OwnedWatch<O, T>): void {
  const { ownerType, owners, objects, wants, enqueue, book } = watch;
  const ownerOf = (object: Stored<T>) => ownerIn(owners, ownerType, object);
  const wakeAdopters = (object: Stored<T>) => {
    for (const owner of owners.list(object.metadata.namespace))
      if (wants(owner, object)) enqueue(keyOf(owner));
  };
  const leaving = (object: Stored<T>) => {
    const owner = ownerOf(object);
    if (!owner) return;
    book?.deletionSeen(keyOf(owner), object.metadata.uid);
    enqueue(keyOf(owner));
  };
  objects.subscribe({
    onAdd(object) {
      if (object.metadata.deletionTimestamp) return leaving(object);
      const owner = ownerOf(object);
      if (owner) {
        book?.creationSeen(keyOf(owner));
        enqueue(keyOf(owner));
      } else if (!controllerOf(object)) wakeAdopters(object);
    },
    onUpdate(old, object) {
      if (object.metadata.deletionTimestamp) return leaving(object);
      const [before, owner] = [ownerOf(old), ownerOf(object)];
      if (before && before !== owner) enqueue(keyOf(before));
      if (owner) enqueue(keyOf(owner));
      else if (!controllerOf(object)) wakeAdopters(object);
    },
    onDelete: leaving,
  });
}
