/**
 * Ownership by selector: orphans that match are adopted, owned objects that no longer match are released,
 * objects of another controller are left alone.
 */

import { controllerOf } from '#api/meta/controller-of.ts';
import type { KubeObject, Stored } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { type Action, targetOf } from '#client/controllers/plan.ts';
import { controllerReference } from './ownership.ts';

/** Deleted or recreated: either way no longer the same object. */
const goneOrReplaced = ['NotFound', 'Invalid'];

export interface Claim<T extends KubeObject> {
  /** Owned now, or after `actions` have been carried out. */
  readonly owned: Stored<T>[];
  readonly actions: Action[];
}

/**
 * `candidates` are what is `claimable`. `finalizer` is added on adoption and removed on release.
 */
export function claim<O extends KubeObject, T extends KubeObject>(
  ownerType: ResourceType<O>,
  owner: Stored<O>,
  type: ResourceType<T>,
  candidates: readonly Stored<T>[],
  matches: (object: Stored<T>) => boolean,
  finalizer?: string,
): Claim<T> {
  const owned: Stored<T>[] = [];
  const adopted: Action[] = [];
  const released: Action[] = [];
  const isTerminating = owner.metadata.deletionTimestamp !== undefined;
  for (const object of candidates) {
    const controller = controllerOf(object);
    if (controller && controller.uid !== owner.metadata.uid) continue;
    if (controller && matches(object)) owned.push(object);
    else if (controller && !isTerminating) released.push(release(owner, type, object, finalizer));
    else if (!controller && !isTerminating && !object.metadata.deletionTimestamp && matches(object)) {
      owned.push(object);
      adopted.push(adopt(ownerType, owner, type, object, finalizer));
    }
  }
  if (adopted.length > 0) adopted.unshift(assertLive(ownerType, owner));
  return { owned, actions: [...released, ...adopted] };
}

/**
 * The cache may lag: an owner that is being deleted must not adopt objects that its deletion has just
 * orphaned.
 */
function assertLive(type: ResourceType, owner: Stored<KubeObject>): Action {
  return { do: 'assertLive', ...targetOf(type, owner), uid: owner.metadata.uid };
}

function adopt(
  ownerType: ResourceType,
  owner: Stored<KubeObject>,
  type: ResourceType,
  object: Stored<KubeObject>,
  finalizer: string | undefined,
): Action {
  const ownerReferences = [controllerReference(ownerType, owner)];
  return patchMetadata(type, object, { ownerReferences, ...(finalizer ? { finalizers: [finalizer] } : {}) });
}

function release(
  owner: Stored<KubeObject>,
  type: ResourceType,
  object: Stored<KubeObject>,
  finalizer: string | undefined,
): Action {
  const ownerReferences = [{ $patch: 'delete', uid: owner.metadata.uid }];
  const withFinalizer = finalizer ? { '$deleteFromPrimitiveList/finalizers': [finalizer] } : {};
  return patchMetadata(type, object, { ownerReferences, ...withFinalizer });
}

function patchMetadata(type: ResourceType, object: Stored<KubeObject>, change: object): Action {
  const patch = { metadata: { ...change, uid: object.metadata.uid } };
  return { do: 'patch', ...targetOf(type, object), patchType: 'strategic', patch, ignore: goneOrReplaced };
}
