/** Warns of a created or updated object on which no part of kybern acts yet. */

import type { AnyObject } from '#api/meta/object.ts';
import { deepEqual } from '#api/schema/deep-equal.ts';
import type { ServedResource } from '../../../registry/served-resource.ts';
import type { ObjectWrite } from '../write.ts';

export function warnOfUnbuilt(write: ObjectWrite): void {
  const { subresource, served, object, old, parts } = write;
  if (subresource !== '') return;
  const lack = served.kind.unbuilt?.(object, parts.reader);
  if (lack === undefined) return;
  if (!old || !isSame(object, old, served)) write.warn(lack);
}

/** But for what its author does not ask for. */
function isSame(object: AnyObject, old: AnyObject, { def, schema }: ServedResource): boolean {
  const { metadata: _new, status: _newStatus, ...now } = object as AnyObject & { status?: unknown };
  const { metadata: _old, status: _oldStatus, ...before } = old as AnyObject & { status?: unknown };
  return deepEqual(now, before, def.type, schema);
}
