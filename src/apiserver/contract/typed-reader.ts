/**
 * Cached reads with the type that the resource's constant carries. The objects are shared: never change one.
 */

import type { KubeObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import type { ObjectReader } from './stored-objects.ts';

export function readObject<T extends KubeObject>(
  reader: ObjectReader,
  type: ResourceType<T>,
  namespace: string,
  name: string,
): T | undefined {
  return reader.get(type, namespace, name) as T | undefined;
}

export function readObjects<T extends KubeObject>(
  reader: ObjectReader,
  type: ResourceType<T>,
  namespace?: string,
): T[] {
  return reader.list(type, namespace) as KubeObject[] as T[];
}
