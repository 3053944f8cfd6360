/** The schema type of an object that is not of its resource's kind, such as a Scale or an Eviction. */

import type { AnyObject } from '#api/meta/object.ts';
import { subresourceType } from '#api/openapi/kinds.ts';
import type { GroupVersionKind } from '#api/schema/schema.ts';
import type { ServedResource } from '../../registry/served-resource.ts';

/** Undefined for what has no type in the published documents, as the options of a connection. */
export function shownType({ schema, def }: ServedResource, object: AnyObject): string | undefined {
  return subresourceType(schema, def, kindOf(object));
}

export function kindOf({ apiVersion = '', kind = '' }: AnyObject): GroupVersionKind {
  const slash = apiVersion.indexOf('/');
  return { group: apiVersion.slice(0, Math.max(0, slash)), version: apiVersion.slice(slash + 1), kind };
}
