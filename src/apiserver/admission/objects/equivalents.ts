/** The other groups and versions that show the same stored objects, and objects in them. */

import type { AnyObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { internalError } from '#api/meta/status.ts';
import { copyJson } from '#base/copy-json.ts';
import type { Resources } from '../../registry/resources.ts';

/** The resource itself is the first. */
export function equivalentsOf(
  resources: Resources,
  type: ResourceType,
  subresource: string,
): readonly [ResourceType, ...ResourceType[]] {
  const { storage } = resources.of(type);
  if (!storage) return [type];
  const others = resources.all.filter(
    (served) =>
      served.storage === storage &&
      served.type !== type &&
      (subresource === '' || served.def.subresources.some(({ name }) => name === subresource)),
  );
  return [type, ...others.map((served) => served.type)];
}

/**
 * The object as `to` shows it. One that is no object of the resource itself, a Scale or an Eviction, is the
 * same in every version.
 */
export function convertObject(
  resources: Resources,
  object: AnyObject,
  from: ResourceType,
  to: ResourceType,
): AnyObject {
  const [source, target] = [resources.of(from), resources.of(to)];
  const isOwnKind = object.kind === from.kind && object.apiVersion === source.apiVersion;
  if (source === target || !isOwnKind) return object;
  if (waitsFor(resources, to)) throw internalError(`${to.kind} was not converted ahead`);
  const copy = copyJson(object);
  const stored = source.conversion ? source.conversion.toStored(copy) : copy;
  return target.conversion ? target.conversion.fromStored(stored) : stored;
}

/** Converting to this version asks a webhook: it takes a promise, by `convertSlowly`. */
export function waitsFor(resources: Resources, type: ResourceType): boolean {
  return resources.of(type).conversion?.converted !== undefined;
}

export async function convertSlowly(
  resources: Resources,
  object: AnyObject,
  from: ResourceType,
  to: ResourceType,
): Promise<AnyObject> {
  const { apiVersion, conversion } = resources.of(to);
  const isOwnKind = object.kind === from.kind;
  if (!isOwnKind || object.apiVersion === apiVersion || !conversion?.converted) {
    return convertObject(resources, object, from, to);
  }
  return conversion.converted(object);
}
