/** Sets the field managers of the written object, before admission: as upstream, changes of plugins have no manager. */

import { UnnamedItem, withBoundedItems } from '#api/fields/list-element.ts';
import type { AnyObject } from '#api/meta/object.ts';
import { asCompared } from '#api/schema/empty-collections.ts';
import { rfc3339 } from '#base/clock.ts';
import { LimitExceeded } from '#wire/json/values-limit.ts';
import { manageUpdate } from '../managed-fields/manage-update.ts';
import { versionedKind } from '../managed-fields/versioned-kind.ts';
import type { ObjectWrite, Write } from '../write.ts';

/** An apply has done it before: it leaves `manager` undefined. */
export function manageFields(write: ObjectWrite): void {
  const { manager, parts, served, view, object, old } = write;
  if (manager === undefined) return;
  const kind = view ? view.kind : versionedKind(parts.resources, served);
  const subresource = view?.subresource ?? write.subresource;
  const live = old && view ? view.of(old) : old;
  try {
    const writer = { manager, subresource, now: rfc3339(parts.env.clock.now()) };
    withBoundedItems(() => manageWritten(object, (shown) => manageUpdate(kind, live, shown, writer)));
  } catch (error) {
    // UnnamedItem: a list that is a map has an item without any of its keys, which the validation reports.
    // LimitExceeded: an object with more owned items than an object may have keys is stored without managedFields.
    if (!(error instanceof UnnamedItem || error instanceof LimitExceeded)) throw error;
    delete object.metadata!.managedFields;
  }
}

/**
 * Managers own what is written: not the empty lists and maps that are dropped later. An empty list of managedFields is kept,
 * since it resets the managers.
 */
function manageWritten(object: AnyObject, manage: (shown: AnyObject) => void): void {
  const shown = asCompared(object);
  const given = object.metadata?.managedFields;
  if (shown !== object && given) shown.metadata!.managedFields = given;
  manage(shown);
  if (shown === object) return;
  object.metadata ??= {};
  const { managedFields } = shown.metadata!;
  if (managedFields) object.metadata.managedFields = managedFields;
  else delete object.metadata.managedFields;
}

/** Records the managers of an object that is answered and not stored. */
export function manageAnswered(write: Write): void {
  if (write.isAnswered && write.object) manageFields(write as ObjectWrite);
}
