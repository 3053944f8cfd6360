/**
 * Which part of an object a write to one of its subresources changes; everything else stays as it was. Where
 * upstream's strategy takes the metadata of the request, labels, finalizers and owner references change with it.
 */

import { keepAllButStatus } from '#api/kind/status-handling.ts';
import type { Strategy } from '#api/kind/strategy.ts';
import type { AnyObject, ObjectMeta } from '#api/meta/object.ts';
import { copyJson } from '#base/copy-json.ts';
import { ownValue } from '#base/own-value.ts';

export function keepOnlyPart(
  strategy: Strategy,
  subresource: string,
  object: AnyObject,
  old: AnyObject,
  now: string,
): void {
  if (subresource === 'status') {
    if (strategy.prepareForStatusUpdate) strategy.prepareForStatusUpdate(object, old, now);
    else keepAllButStatus(object, old);
    for (const field of strategy.keptByStatus ?? []) keep(field, object, old);
    return;
  }
  ownValue(strategy.subresources ?? {}, subresource)?.prepareForUpdate(object, copyJson(old), now);
}

function keep(field: keyof ObjectMeta, { metadata = {} }: AnyObject, old: AnyObject): void {
  const before = old.metadata?.[field];
  if (before === undefined) delete metadata[field];
  else Object.assign(metadata, { [field]: copyJson(before) });
}
