/**
 * How a controller comes to own what its selector matches: orphans that match are adopted, owned objects that match no
 * more are released, another controller's are left alone.
 */

import type { KubeObject, Stored } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { StatusError } from '#api/meta/status.ts';
import type { Client } from '#client/client.ts';
import type { Action } from '#client/controllers/controller.ts';
import { controllerOf, controllerReference } from './ownership.ts';

export interface Claim<T extends KubeObject> {
  /** Owned now, or as soon as `actions` are done. */
  readonly owned: Stored<T>[];
  readonly actions: Action[];
}

/** `candidates` are what is `claimable`. `finalizer` is given to what is adopted and taken from what is released. */
export function claim<O extends KubeObject, T extends KubeObject>(
  ownerType: ResourceType<O>,
  owner: Stored<O>,
  type: ResourceType<T>,
  candidates: readonly Stored<T>[],
  matches: (object: Stored<T>) => boolean,
  finalizer?: string,
): Claim<T> {
  const owned: Stored<T>[] = [];
  const actions: Action[] = [];
  const isGoing = owner.metadata.deletionTimestamp !== undefined;
  for (const object of candidates) {
    const controller = controllerOf(object);
    if (controller && controller.uid !== owner.metadata.uid) continue;
    if (controller && matches(object)) owned.push(object);
    else if (controller && !isGoing) actions.push(release(owner, type, object, finalizer));
    else if (!controller && !isGoing && !object.metadata.deletionTimestamp && matches(object)) {
      owned.push(object);
      actions.push(adopt(ownerType, owner, type, object, finalizer));
    }
  }
  return { owned, actions };
}

function adopt(
  ownerType: ResourceType,
  owner: Stored<KubeObject>,
  type: ResourceType,
  object: Stored<KubeObject>,
  finalizer: string | undefined,
): Action {
  const { name, uid } = object.metadata;
  const ownerReferences = [controllerReference(ownerType, owner)];
  const patch = { metadata: { ownerReferences, uid, ...(finalizer ? { finalizers: [finalizer] } : {}) } };
  return {
    do: 'run',
    name: `adopt ${type.resource} ${name}`,
    async run(client) {
      await assertStillThere(client, ownerType, owner);
      await patchUnlessGone(client, type, object, patch);
    },
  };
}

function release(
  owner: Stored<KubeObject>,
  type: ResourceType,
  object: Stored<KubeObject>,
  finalizer: string | undefined,
): Action {
  const { name, uid } = object.metadata;
  const ownerReferences = [{ $patch: 'delete', uid: owner.metadata.uid }];
  const withFinalizer = finalizer ? { '$deleteFromPrimitiveList/finalizers': [finalizer] } : {};
  const patch = { metadata: { ownerReferences, uid, ...withFinalizer } };
  return {
    do: 'run',
    name: `release ${type.resource} ${name}`,
    run: (client) => patchUnlessGone(client, type, object, patch),
  };
}

/** The cache may be behind: an owner that is being deleted must not adopt what its deletion has just orphaned. */
async function assertStillThere(
  client: Client,
  type: ResourceType,
  owner: Stored<KubeObject>,
): Promise<void> {
  const { namespace, name, uid } = owner.metadata;
  const fresh = await client.get(type, { ...(namespace ? { namespace } : {}), name });
  if (fresh.metadata.uid !== uid) throw new Error(`original ${type.kind} ${namespace}/${name} is gone`);
  if (fresh.metadata.deletionTimestamp) throw new Error(`${namespace}/${name} has just been deleted`);
}

async function patchUnlessGone(
  client: Client,
  type: ResourceType,
  object: Stored<KubeObject>,
  patch: unknown,
): Promise<void> {
  const { namespace, name } = object.metadata;
  try {
    await client.patch(type, { ...(namespace ? { namespace } : {}), name }, 'strategic', patch);
  } catch (error) {
    // Gone, or replaced by one of another uid: either way no longer the object meant.
    if (error instanceof StatusError && (error.code === 404 || error.code === 422)) return;
    throw error;
  }
}
