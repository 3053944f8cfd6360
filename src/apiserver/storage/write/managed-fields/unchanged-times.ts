/** An update that changes nothing but the times of managedFields entries is not written. */

import type { AnyObject } from '#api/meta/object.ts';
import { equalJson } from '#wire/json/canonical.ts';
import type { Entries } from './field-managers.ts';

/** Gives `object` the times of `old` where all else is the same. */
export function keepTimes(object: AnyObject, old: AnyObject | undefined): void {
  const [now, before] = [object.metadata?.managedFields, old?.metadata?.managedFields];
  if (!now || !before || now === before || now.length !== before.length) return;
  if (now.every(({ time }, i) => time === before[i]!.time)) return;
  if (!equalJson(withoutTimes(now), withoutTimes(before))) return;
  const { managedFields: _now, ...metadata } = object.metadata!;
  const { managedFields: _before, ...oldMetadata } = old!.metadata!;
  if (equalJson({ ...object, metadata }, { ...old, metadata: oldMetadata })) {
    object.metadata!.managedFields = before;
  }
}

function withoutTimes(entries: Entries): unknown[] {
  return entries.map(({ time: _, ...entry }) => entry);
}
