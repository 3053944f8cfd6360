/**
 * The field managers of an object after a create, update or patch: the writer owns what has changed.
 */

import { emptySet, type FieldSet, isEmpty, union } from '#api/fields/field-set.ts';
import { KnownShapes } from '#api/fields/known-shapes.ts';
import type { AnyObject, ManagedFieldsEntry } from '#api/meta/object.ts';
import { equalJson } from '#wire/json/canonical.ts';
import { capManagers } from './cap-managers.ts';
import { Changes, compareOwned, stripped, takeFromOthers, type VersionedKind } from './change-managers.ts';
import {
  type Entries,
  entriesOf,
  type FieldManager,
  type FieldManagers,
  managerId,
  managersOf,
  readManagers,
} from './field-managers.ts';

/** The manager that writes, the subresource it writes to, and the time. */
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
  // As upstream: an object without managedFields gets none before a configuration is applied to it.
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
  const managers = managersOf(base);
  takeFromOthers(managers, changes, undefined);
  addManager(managers, kind, changes, writer);
  capManagers(managers);
  const entries = entriesOf(managers);
  if (entries) object.metadata.managedFields = entries;
}

const shapesOfKinds = new WeakMap<VersionedKind, KnownShapes>();

/** The usual case: a new object has one manager, and the same fields as earlier ones of its kind. */
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
  return isEmpty(set) ? undefined : entriesOf(new Map([['', managerOf(kind, set, writer)]]));
}

/** `managedFields` itself is left out of the comparison. */
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

/** In place: the writer owns what it has changed, besides what it owned before. */
export function addManager(
  managers: FieldManagers,
  kind: VersionedKind,
  changes: Changes,
  writer: Writer,
): void {
  const set = stripped(changes.own.changed);
  if (isEmpty(set)) return;
  const fieldManager = managerOf(kind, set, writer);
  const id = managerId(fieldManager);
  const before = managers.get(id)?.set ?? emptySet;
  managers.set(id, { ...fieldManager, set: union(before, set) });
}

function managerOf(kind: VersionedKind, set: FieldSet, { manager, subresource, now }: Writer): FieldManager {
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
 * The entries that the change starts from. A client may set them, or reset them with an empty list. A request
 * without entries, with entries that cannot be read, or to a subresource starts from the stored ones.
 */
function baseOf(stored: Entries = [], given: Entries | undefined, subresource: string): Entries {
  if (subresource !== '' || !given || given === stored) return stored;
  if (isReset(given)) return [];
  if (equalJson(given, stored)) return stored;
  const managers = readManagers(given);
  if (typeof managers === 'string' || managers.size === 0) return stored;
  return entriesOf(managers) ?? stored;
}

function isReset(given: Entries): boolean {
  return given.length === 0 || (given.length === 1 && Object.keys(given[0]!).length === 0);
}
