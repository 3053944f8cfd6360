/**
 * Read, change, compare and set: the one way an existing object changes.
 *
 * 1. Take what is there; check the caller's preconditions.
 * 2. Let the caller make the new object of it; run the write chain.
 * 3. Same as before: write nothing. Otherwise put it, expecting what was read.
 * 4. Somebody else was faster: begin again with what is there now.
 */

import type { AnyObject } from '#api/meta/object.ts';
import { conflict, invalid, notFound, objectModified, type StatusError } from '#api/meta/status.ts';
import { invalidValue } from '#api/validation/field-error.ts';
import { encodeObject, equalJson } from '#wire/json/canonical.ts';
import type { Entry } from '../../cache/entry.ts';
import { spliceRevision } from '../../cache/stored-bytes.ts';
import { keyOf, objectOf, type ServedResource } from '../../registry/served-resource.ts';
import type { StorageParts } from '../../registry/storage-parts.ts';
import { putObject, removeObject } from './commit-object.ts';
import { createObject } from './create-object.ts';
import { onCurrentEntry } from './current-entry.ts';
import { encodeWrite } from './encode-write.ts';
import { tryWrite } from './try-write.ts';
import type { Write, WriteContext, Written } from './write.ts';

export interface Update {
  /** The new object, made of a private copy of what is there; undefined there when it may be created. */
  change(old: AnyObject | undefined): AnyObject;
  /** May the update create the object? */
  readonly mayCreate: boolean;
  /** The object must still be the one with this uid. */
  readonly expectedUid?: string;
}

export async function updateObject(
  parts: StorageParts,
  served: ServedResource,
  namespace: string,
  name: string,
  update: Update,
  context: WriteContext,
): Promise<Written> {
  return onCurrentEntry(parts, served, { namespace, name, toBe: 'written' }, (entry) => {
    checkUid(served, namespace, name, update.expectedUid, entry?.object().metadata?.uid ?? '');
    if (entry) return tryOnce(parts, served, entry, update, context);
    if (!update.mayCreate || context.subresource !== '') throw notFound(served.def, name);
    const object = update.change(undefined);
    if (object.metadata) delete object.metadata.resourceVersion;
    return createObject(parts, served, namespace, object, context);
  });
}

async function tryOnce(
  parts: StorageParts,
  served: ServedResource,
  entry: Entry,
  update: Update,
  context: WriteContext,
): Promise<Written | undefined> {
  // Shared with the cache: no step changes what was.
  const old = served.conversion ? objectOf(served, entry) : entry.object();
  const object = update.change(objectOf(served, entry));
  checkVersion(served, entry, object);
  object.kind = served.def.kind;
  object.apiVersion = served.apiVersion;
  object.metadata!.resourceVersion = String(entry.revision);
  const write: Write = {
    ...context,
    parts,
    served,
    storage: served.storage!,
    operation: 'UPDATE',
    namespace: entry.namespace,
    name: entry.name,
    generateName: undefined,
    object,
    old,
    allocation: undefined,
  };
  return tryWrite(write, () => store(write, entry));
}

async function store(write: Write, entry: Entry): Promise<Written | undefined> {
  const { parts, storage, namespace, name } = write;
  if (finishesDeletion(write)) return remove(write, entry);
  if (write.dryRun) return { bytes: Buffer.from(JSON.stringify(write.object)), created: false };
  if (equalJson(write.object, write.old)) {
    await write.allocation?.undo();
    return { bytes: spliceRevision(encodeObject(write.object), entry.revision), created: false };
  }
  const encoded = encodeWrite(write);
  const at = { namespace, name, expected: entry.revision };
  const result = await putObject(parts, storage, at, encoded);
  if (typeof result !== 'number') return undefined;
  await write.allocation?.done();
  return { bytes: spliceRevision(encoded.answer, result), created: false };
}

/** Was this the last thing a deleted object waited for? */
function finishesDeletion({ object, old, served }: Write): boolean {
  const was = old?.metadata;
  if (!was?.deletionTimestamp || (object.metadata?.finalizers ?? []).length > 0) return false;
  if ((was.deletionGracePeriodSeconds ?? 0) !== 0) return false;
  return !served.strategy.hasOwnFinalizers?.(object);
}

async function remove(write: Write, entry: Entry): Promise<Written | undefined> {
  const { parts, storage, object, namespace, name } = write;
  await write.allocation?.undo();
  if (!write.dryRun) {
    const result = await removeObject(parts, storage, { namespace, name, expected: entry.revision });
    if (typeof result !== 'number') return undefined;
    await storage.hooks?.afterDelete?.(entry.object());
  }
  return { bytes: spliceRevision(encodeObject(object), entry.revision), created: false, deleted: true };
}

/** Comes before everything else, even before what does not exist is said not to be found. */
function checkUid(
  { def, storage }: ServedResource,
  namespace: string,
  name: string,
  expected: string | undefined,
  actual: string,
): void {
  if (expected === undefined || expected === actual) return;
  const key = keyOf(storage!, namespace, name);
  const why = `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0`;
  throw conflict(def, name, `${why}, AdditionalErrorMsg: ${uidMismatch(expected, actual)}`);
}

export function uidMismatch(expected: string, actual: string): string {
  return `Precondition failed: UID in precondition: ${expected}, UID in object meta: ${actual}`;
}

function checkVersion(served: ServedResource, entry: Entry, object: AnyObject): void {
  object.metadata ??= {};
  const { resourceVersion } = object.metadata;
  if (!resourceVersion || resourceVersion === '0') {
    if (served.strategy.allowUnconditionalUpdate === false) throw versionRequired(served, entry);
  } else if (resourceVersion !== String(entry.revision)) {
    throw conflict(served.def, entry.name, objectModified);
  }
}

/** Upstream names the resource here, where all other complaints of this form name the kind. */
function versionRequired({ def }: ServedResource, entry: Entry): StatusError {
  const error = invalidValue('metadata.resourceVersion', 0, 'must be specified for an update');
  return invalid({ group: def.group, kind: def.resource }, entry.name, [error]);
}
