/**
 * Handles a taken name that is the hash of a template: taken by this very object when the cache lagged
 * (nothing to do), or by another template (count the collision in the owner's status, and hash again).
 *
 * A special step: only the server knows which of the two it is.
 */

import type { PodTemplateSpec } from '#api/generated/types.gen.ts';
import { controllerOf } from '#api/meta/controller-of.ts';
import type { KubeObject, Stored } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { deepEqual } from '#api/schema/deep-equal.ts';
import { nothingToDo } from '#client/controllers/plan.ts';
import type { SpecialStep } from '#client/controllers/special.ts';
import { isSameTemplate } from './template-hash.ts';

/** A ReplicaSet has its template in the spec, a ControllerRevision in the data. */
type Templated = KubeObject & { spec?: { template?: PodTemplateSpec }; data?: unknown };
type Owner = KubeObject & { status?: { collisionCount?: number } };

export interface NameCollision {
  readonly ownerType: ResourceType;
  readonly owner: Stored<Owner>;
  readonly type: ResourceType<Templated>;
  readonly object: Templated;
}

export const countCollision: SpecialStep<NameCollision> = {
  name: 'countCollision',
  async carryOut({ ownerType, owner, type, object }, client) {
    const { namespace, name = '' } = object.metadata ?? {};
    const taken = await client.get(type, { ...(namespace ? { namespace } : {}), name });
    if (isSame(owner, taken, object)) return nothingToDo;
    const collisionCount = (owner.status?.collisionCount ?? 0) + 1;
    const status = { ...owner.status, collisionCount };
    return { actions: [{ do: 'updateStatus', type: ownerType, object: { ...owner, status } as KubeObject }] };
  },
};

function isSame(owner: Stored<Owner>, taken: Templated, wanted: Templated): boolean {
  if (wanted.data !== undefined) return deepEqual(taken.data, wanted.data);
  const isOurs = controllerOf(taken)?.uid === owner.metadata.uid;
  return isOurs && isSameTemplate(taken.spec?.template ?? {}, wanted.spec?.template ?? {});
}
