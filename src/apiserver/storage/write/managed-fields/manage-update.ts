/**
 * The owners of an object after it was created or changed in another way than by applying a configuration:
 * the writer owns what has changed.
 */

import { emptySet, type FieldSet, isEmpty, union } from '#api/fields/field-set.ts';
import { KnownShapes } from '#api/fields/known-shapes.ts';
import type { AnyObject, ManagedFieldsEntry } from '#api/meta/object.ts';
import { equalJson } from '#wire/json/canonical.ts';
import { capOwners } from './cap-owners.ts';
import { Changes, compareOwned, stripped, takeFromOthers, type VersionedKind } from './change-owners.ts';
import { type Entries, entriesOf, type Owner, type Owners, ownerId, ownersOf, readOwners } from './owners.ts';

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
  if (object.metadata.managedFields) delete object.metadata.managedFields;
  // Owners of an object without any are not recorded before a configuration is applied to it.
  if (live && base.length === 0) return;
  if (!live && base.length === 0) {
    const entries = createdEntries(kind, object, writer);
    if (entries) object.metadata.managedFields = entries;
    return;
  }
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

const shapesOfKinds = new WeakMap<VersionedKind, KnownShapes>();

/** The usual case: a new object has one owner, and looks like others. */
function createdEntries(
  kind: VersionedKind,
  object: AnyObject,
  writer: Writer,
): ManagedFieldsEntry[] | undefined {
  let shapes = shapesOfKinds.get(kind);
  if (!shapes) {
    shapes = new KnownShapes();
    shapesOfKinds.set(kind, shapes);
  }
  let set = shapes.find(object);
  if (!set) {
    const { changed } = compareOwned(kind, writer.subresource, kind.empty, object);
    set = shapes.add(kind.schema, object, stripped(changed));
  }
  return isEmpty(set) ? undefined : entriesOf(new Map([['', ownerOf(kind, set, writer)]]));
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
export function addOwner(owners: Owners, kind: VersionedKind, changes: Changes, writer: Writer): void {
  const set = stripped(changes.own.changed);
  if (isEmpty(set)) return;
  const owner = ownerOf(kind, set, writer);
  const id = ownerId(owner);
  const before = owners.get(id)?.set ?? emptySet;
  owners.set(id, { ...owner, set: union(before, set) });
}

function ownerOf(kind: VersionedKind, set: FieldSet, { manager, subresource, now }: Writer): Owner {
  return {
    manager: manager || 'unknown',
    operation: 'Update',
    apiVersion: kind.apiVersion,
    subresource,
    time: now,
    set,
  };
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
