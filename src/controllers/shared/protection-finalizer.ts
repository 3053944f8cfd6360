/**
 * A finalizer that keeps an object until it is unused: added while the object lives, removed when it may be
 * deleted.
 */

import type { KubeObject, Stored } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import type { Action } from '#client/controllers/plan.ts';

export function isMarked({ metadata }: Stored<KubeObject>, finalizer: string): boolean {
  return metadata.finalizers?.includes(finalizer) ?? false;
}

/**
 * Whether an action is needed: the object lives without the finalizer, or is being deleted and still has it.
 */
export function needsLook(object: Stored<KubeObject>, finalizer: string): boolean {
  return (object.metadata.deletionTimestamp !== undefined) === isMarked(object, finalizer);
}

export function mark(type: ResourceType, object: Stored<KubeObject>, finalizer: string): Action {
  return withFinalizers(type, object, [...(object.metadata.finalizers ?? []), finalizer]);
}

export function unmark(type: ResourceType, object: Stored<KubeObject>, finalizer: string): Action {
  const left = (object.metadata.finalizers ?? []).filter((each) => each !== finalizer);
  return withFinalizers(type, object, left);
}

function withFinalizers(type: ResourceType, object: Stored<KubeObject>, finalizers: string[]): Action {
  return { do: 'update', type, object: { ...object, metadata: { ...object.metadata, finalizers } } };
}
