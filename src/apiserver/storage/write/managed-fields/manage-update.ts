/**
 * The owners of an object after it was created or changed in another way than by applying a configuration:
 * the writer owns what has changed.
 */

import { emptySet, isEmpty, union } from '#api/fields/field-set.ts';
import type { AnyObject, ManagedFieldsEntry } from '#api/meta/object.ts';
import { equalJson } from '#wire/json/canonical.ts';
import { capOwners } from './cap-owners.ts';
import { Changes, stripped, takeFromOthers, type VersionedKind } from './change-owners.ts';
import { type Entries, entriesOf, type Owners, ownerId, ownersOf, readOwners } from './owners.ts';

/** Who writes, through what, and when. */
export interface Writer {
  readonly manager: string;
  readonly subresource: string;
  /** In RFC 3339. */
  readonly now: string;
}

/** Sets the `managedFields` of `object`. `live` is undefined for an object that is created. */
export function manageUpdate(
  kind: VersionedKind,
  live: AnyObject | undefined,
  object: AnyObject,
  writer: Writer,
): void {
  object.metadata ??= {};
  const stored = live?.metadata?.managedFields;
  const base = baseOf(stored, object.metadata.managedFields, writer.subresource);
  delete object.metadata.managedFields;
  // Owners of an object without any are not recorded before a configuration is applied to it.
  if (live && base.length === 0) return;
  const changes = changesOf(kind, live, object, writer.subresource);
  const { changed, removed } = changes.own;
  if (isEmpty(stripped(changed)) && isEmpty(stripped(removed)) && base === stored) {
    object.metadata.managedFields = base as ManagedFieldsEntry[];
    return;
  }
  const owners = ownersOf(base);
  takeFromOthers(owners, changes, undefined);
  addOwner(owners, kind, changes, writer);
  capOwners(owners);
  const entries = entriesOf(owners);
  if (entries) object.metadata.managedFields = entries;
}

/** Its owners are no part of the object that they own. */
function changesOf(
  kind: VersionedKind,
  live: AnyObject | undefined,
  object: AnyObject,
  subresource: string,
): Changes {
  const stored = live?.metadata?.managedFields;
  if (!stored) return new Changes(kind, subresource, live ?? (kind.empty as AnyObject), object);
  const { managedFields: _, ...metadata } = live.metadata!;
  return new Changes(kind, subresource, { ...live, metadata }, object);
}

/** In place: the writer owns what it has changed, besides what it has owned before. */
export function addOwner(
  owners: Owners,
  kind: VersionedKind,
  changes: Changes,
  { manager, subresource, now }: Writer,
): void {
  const set = stripped(changes.own.changed);
  if (isEmpty(set)) return;
  const owner = {
    manager: manager || 'unknown',
    operation: 'Update',
    apiVersion: kind.apiVersion,
    subresource,
  } as const;
  const id = ownerId(owner);
  const before = owners.get(id)?.set ?? emptySet;
  owners.set(id, { ...owner, time: now, set: union(set, before) });
}

/**
 * A client may set the owners themselves, or take them all away. Who leaves them out, or says something that
 * cannot be read, leaves them as they were; as does a write to a subresource.
 */
function baseOf(stored: Entries = [], given: Entries | undefined, subresource: string): Entries {
  if (subresource !== '' || !given || given === stored) return stored;
  if (isReset(given)) return [];
  if (equalJson(given, stored)) return stored;
  const owners = readOwners(given);
  if (typeof owners === 'string' || owners.size === 0) return stored;
  return entriesOf(owners) ?? stored;
}

function isReset(given: Entries): boolean {
  return given.length === 0 || (given.length === 1 && Object.keys(given[0]!).length === 0);
}
