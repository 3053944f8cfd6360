/**
 * How a controller comes to own what its selector matches: orphans that match are adopted, owned objects that
 * match no more are released, another controller's are left alone.
 */

import type { KubeObject, Stored } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { type Action, targetOf } from '#client/controllers/plan.ts';
import { controllerOf, controllerReference } from './ownership.ts';

/** Gone, or replaced by one of another uid: either way no longer the object meant. */
const goneOrReplaced = ['NotFound', 'Invalid'];

export interface Claim<T extends KubeObject> {
  /** Owned now, or as soon as `actions` are done. */
  readonly owned: Stored<T>[];
  readonly actions: Action[];
}

/**
 * `candidates` are what is `claimable`. `finalizer` is given to what is adopted and taken from what is
 * released.
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
 * The cache may be behind: an owner that is being deleted must not adopt what its deletion has just orphaned.
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
