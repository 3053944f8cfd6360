/** Runs the `judge` hooks of the kind before the object is prepared: RBAC refuses to grant rights that a user lacks. */

import type { JudgedWrite } from '../../../contract/storage-hooks.ts';
import type { ObjectWrite } from '../write.ts';

export function judge(write: ObjectWrite): Promise<void> | undefined {
  const { served, subresource } = write;
  return subresource === '' ? served.hooks?.judge?.(judgedWrite(write)) : undefined;
}

export function judgedWrite(write: ObjectWrite): JudgedWrite {
  const { served, operation, namespace, object, old, user, generateName, request } = write;
  return {
    type: served.type,
    namespace,
    name: operation === 'CREATE' ? '' : write.name,
    object: generateName === undefined ? object : withoutName(object),
    old,
    user,
    verb: request?.verb ?? operation.toLowerCase(),
  };
}

/** Without the generated name, which upstream generates later. */
function withoutName(object: ObjectWrite['object']): ObjectWrite['object'] {
  const { name: _, ...metadata } = object.metadata ?? {};
  return { ...object, metadata };
}
