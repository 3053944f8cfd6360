/**
 * Enqueues owners when objects that they own change; for an orphan every owner that could adopt it; after a
 * change of the owner the previous one, too.
 */

import { controllerOf } from '#api/meta/controller-of.ts';
import type { KubeObject, Stored } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { keyOf } from '#client/controllers/queue-key.ts';
import { type Watch, watch } from '#client/controllers/watch.ts';
import type { Lister } from '#client/informers/informer.ts';
import { ownerIn } from './ownership.ts';

export interface OwnedWatch<O extends KubeObject, T extends KubeObject> {
  readonly type: ResourceType<T>;
  readonly ownerType: ResourceType<O>;
  readonly owners: Lister<O>;
  wants(owner: Stored<O>, object: Stored<T>): boolean;
}

export function watchOwned<O extends KubeObject, T extends KubeObject>(
  { type, ownerType, owners, wants }: OwnedWatch<O, T>,
  note?: Watch<T>['note'],
): Watch {
  return watch({
    type,
    owner(object) {
      const owner = ownerIn(owners, ownerType, object);
      return owner && keyOf(owner);
    },
    *keys(object) {
      if (controllerOf(object)) return;
      for (const owner of owners.list(object.metadata.namespace)) {
        if (wants(owner, object)) yield keyOf(owner);
      }
    },
    ...(note ? { note } : {}),
  });
}
