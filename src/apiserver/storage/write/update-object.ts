/**
 * Read, change, compare and set: the only way in which an existing object changes.
 *
 * 1. Read the current object; check the caller's preconditions.
 * 2. Let the caller make the new object from it; run the write chain.
 * 3. If nothing has changed, write nothing. Otherwise put the object, expecting the revision that was read.
 * 4. If another writer was faster, begin again with the current object.
 */

import type { AnyObject } from '#api/meta/object.ts';
import { conflict, notFound } from '#api/meta/status.ts';
import { asBuffer } from '#base/text/as-buffer.ts';
import { encodeObject, equalJson, parseJson } from '#wire/json/canonical.ts';
import type { Entry } from '../../cache/entry.ts';
import { spliceRevision } from '../../cache/stored-bytes.ts';
import { keyOf, objectOf, type ServedResource } from '../../registry/served-resource.ts';
import type { StorageParts } from '../../registry/storage-parts.ts';
import { putObject, removeObject } from './commit-object.ts';
import { createObject, NameTaken } from './create-object.ts';
import { onCurrentEntry } from './current-entry.ts';
import { encodeWrite } from './encode-write.ts';
import { keepTimes } from './managed-fields/unchanged-times.ts';
import { tryWrite } from './try-write.ts';
import type { ObjectView, ObjectWrite, WriteContext, Written } from './write.ts';

export interface Update {
  /**
   * Makes the new object from a private copy of the current one, or of the shown one with a view. The copy is undefined
   * if the object does not exist and may be created.
   */
  change(old: AnyObject | undefined): AnyObject;
  /** `change` does not read the current object, so that no copy of it is made. */
  readonly isReplacement?: boolean;
  /** Of an update that creates an absent object: throws if the user may not create it. */
  authorizeCreate?(): undefined | Promise<undefined>;
  /** The object must still have this uid. */
  readonly expectedUid?: string;
  readonly view?: ObjectView;
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
    const uid = entry?.object().metadata?.uid ?? '';
    checkUid(served, { namespace, name, dryRun: context.dryRun }, update.expectedUid, uid);
    if (entry) return tryOnce(parts, served, entry, update, context);
    if (!update.authorizeCreate || context.subresource !== '') throw notFound(served.def, name);
    return createInstead(parts, served, namespace, update, context);
  });
}

/** Undefined when another client has created it meanwhile. */
async function createInstead(
  parts: StorageParts,
  served: ServedResource,
  namespace: string,
  update: Update,
  context: WriteContext,
): Promise<Written | undefined> {
  await update.authorizeCreate!();
  const object = update.change(undefined);
  if (object.metadata) delete object.metadata.resourceVersion;
  try {
    return await createObject(parts, served, namespace, object, context);
  } catch (error) {
    if (error instanceof NameTaken) return undefined;
    throw error;
  }
}

async function tryOnce(
  parts: StorageParts,
  served: ServedResource,
  entry: Entry,
  update: Update,
  context: WriteContext,
): Promise<Written | undefined> {
  if (served.conversion?.ahead) await served.conversion.ahead([entry.copy()]);
  // Shared with the cache: no step may change `old`.
  const old = served.conversion ? objectOf(served, entry) : entry.object();
  const { view } = update;
  const course = view ? 'view' : 'object';
  const write: ObjectWrite = {
    ...context,
    parts,
    served,
    storage: served.storage!,
    course: context.checked ? course : 'bookkeeping',
    operation: 'UPDATE',
    namespace: entry.namespace,
    name: entry.name,
    generateName: undefined,
    view,
    revision: entry.revision,
    object: changed(served, entry, update),
    old,
    allocation: undefined,
  };
  return tryWrite(write, () => store(write, entry));
}

function changed(served: ServedResource, entry: Entry, { change, view, isReplacement }: Update): AnyObject {
  if (isReplacement) return change(undefined);
  const copy = objectOf(served, entry);
  return change(view ? view.of(copy) : copy);
}

async function store(write: ObjectWrite, entry: Entry): Promise<Written | undefined> {
  const { parts, storage, namespace, name } = write;
  if (finishesDeletion(write)) return remove(write, entry);
  keepTimes(write.object, write.old);
  if (write.dryRun) return { bytes: Buffer.from(JSON.stringify(write.object)), created: false };
  const { conversion } = write.served;
  if (conversion?.aheadOfStoring) await conversion.aheadOfStoring(write.object);
  if (equalJson(write.object, write.old) && isStoredSo(write, entry) && !(await isStale(write))) {
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

/** Also of a value that an old key has encrypted: so that keys can be replaced. */
function isStale({ parts, storage, namespace, name }: ObjectWrite): Promise<boolean> | undefined {
  return parts.isStale?.(keyOf(storage, namespace, name));
}

/** An update without a change writes an object that is stored in an old version or without new defaults again. */
function isStoredSo({ served: { conversion }, object }: ObjectWrite, { value }: Entry): boolean {
  if (!conversion) return true;
  const bytes = encodeObject(conversion.toStored(object));
  // The conversion may order the fields otherwise than the writer of the stored object did.
  return asBuffer(bytes).equals(value) || equalJson(parseJson(bytes), parseJson(value));
}

/** Whether the update removed the last finalizer of a terminating object. */
function finishesDeletion({ object, old, served }: ObjectWrite): boolean {
  const was = old?.metadata;
  if (!was?.deletionTimestamp || (object.metadata?.finalizers ?? []).length > 0) return false;
  if ((was.deletionGracePeriodSeconds ?? 0) !== 0) return false;
  return !served.strategy.hasOwnFinalizers?.(object);
}

async function remove(write: ObjectWrite, entry: Entry): Promise<Written | undefined> {
  const { parts, served, storage, object, namespace, name } = write;
  await write.allocation?.undo();
  if (!write.dryRun) {
    const result = await removeObject(parts, storage, { namespace, name, expected: entry.revision });
    if (typeof result !== 'number') return undefined;
    await served.hooks?.afterDelete?.(entry.object());
  }
  return { bytes: spliceRevision(encodeObject(object), entry.revision), created: false, deleted: true };
}

/** Checked before the 404 of a missing object, as upstream's storage does. */
function checkUid(
  { def, storage }: ServedResource,
  { namespace, name, dryRun }: { namespace: string; name: string; dryRun: boolean },
  expected: string | undefined,
  actual: string,
): void {
  if (expected === undefined || expected === actual) return;
  // A dry run is checked before the store has completed the key.
  const key = keyOf(storage!, namespace, name).replace(dryRun ? '/registry' : '', '');
  const why = `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0`;
  throw conflict(def, name, `${why}, AdditionalErrorMsg: ${uidMismatch(expected, actual)}`);
}

export function uidMismatch(expected: string, actual: string): string {
  return `Precondition failed: UID in precondition: ${expected}, UID in object meta: ${actual}`;
}
