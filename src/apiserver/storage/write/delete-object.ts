/**
 * Deletes an object as upstream does: at once, after a grace period, or when the last finalizer is removed.
 *
 * 1. Preconditions; the write chain.
 * 2. Terminating already: at most shorten the grace period.
 * 3. A grace period, a finalizer, or a finalizer by the propagation policy: set the deletionTimestamp.
 * 4. Otherwise remove the object.
 */

import type { AnyObject } from '#api/meta/object.ts';
import { conflict, notFound } from '#api/meta/status.ts';
import { encodeObject } from '#wire/json/canonical.ts';
import type { Entry } from '../../cache/entry.ts';
import { spliceRevision } from '../../cache/stored-bytes.ts';
import { bytesOf, objectOf, type ServedResource } from '../../registry/served-resource.ts';
import type { StorageParts } from '../../registry/storage-parts.ts';
import { putObject, removeObject } from './commit-object.ts';
import { onCurrentEntry } from './current-entry.ts';
import type { DeletionRequest } from './delete-options.ts';
import { type Plan, planDeletion } from './plan-deletion.ts';
import { tryWrite } from './try-write.ts';
import type { WriteContext } from './write.ts';

export interface Deleted {
  readonly bytes: Uint8Array;
  readonly uid: string;
  /** False when the object is only terminating. */
  readonly gone: boolean;
}

export async function deleteObject(
  parts: StorageParts,
  served: ServedResource,
  namespace: string,
  name: string,
  deletion: DeletionRequest,
  context: WriteContext,
): Promise<Deleted> {
  return onCurrentEntry(parts, served, { namespace, name, toBe: 'deleted' }, (entry) => {
    if (!entry) throw notFound(served.def, name);
    return tryOnce(parts, served, entry, deletion, context);
  });
}

async function tryOnce(
  parts: StorageParts,
  served: ServedResource,
  entry: Entry,
  deletion: DeletionRequest,
  context: WriteContext,
): Promise<Deleted | undefined> {
  if (served.conversion?.ahead) await served.conversion.ahead([entry.copy()]);
  const object = objectOf(served, entry);
  checkPreconditions(served, entry, object, deletion);
  const carryOut = () => {
    const plan = planDeletion(served.strategy, object, deletion, parts.env.clock.now());
    if (plan.do === 'wait') return done(bytesOf(served, entry), object, false);
    if (context.dryRun) return done(encodeObject(object), object, plan.do === 'remove');
    if (plan.do === 'remove') return remove(parts, served, entry, object);
    return mark(parts, served, entry, object, plan);
  };
  if (!context.checked) return carryOut();
  const { namespace } = entry;
  const name = context.isForCollection ? '' : entry.name;
  const operation = 'DELETE';
  return tryWrite(
    { ...context, parts, served, namespace, name, operation, course: 'admission', old: object, deletion },
    carryOut,
  );
}

async function mark(
  parts: StorageParts,
  served: ServedResource,
  entry: Entry,
  object: AnyObject,
  plan: Extract<Plan, { do: 'mark' }>,
): Promise<Deleted | undefined> {
  if (served.conversion?.aheadOfStoring) await served.conversion.aheadOfStoring(object);
  const stored = served.conversion ? served.conversion.toStored(object) : object;
  const selectable = served.storage!.cache.selectableOf(stored);
  const encoded = { value: encodeObject(stored), selectable, isDeleting: true };
  const at = { namespace: entry.namespace, name: entry.name, expected: entry.revision };
  const revision = await putObject(parts, served.storage!, at, encoded);
  if (typeof revision !== 'number') return undefined;
  if (plan.thenRemove) {
    await removeObject(parts, served.storage!, { ...at, expected: revision });
    await served.hooks?.afterDelete?.(object);
  }
  return done(spliceRevision(encodeObject(object), revision), object, plan.thenRemove);
}

async function remove(
  parts: StorageParts,
  served: ServedResource,
  entry: Entry,
  object: AnyObject,
): Promise<Deleted | undefined> {
  const at = { namespace: entry.namespace, name: entry.name, expected: entry.revision };
  const revision = await removeObject(parts, served.storage!, at);
  if (typeof revision !== 'number') return undefined;
  await served.hooks?.afterDelete?.(object);
  return done(spliceRevision(encodeObject(object), revision), object, true);
}

function done(bytes: Uint8Array, object: AnyObject, gone: boolean): Deleted {
  return { bytes, uid: object.metadata?.uid ?? '', gone };
}

function checkPreconditions(
  served: ServedResource,
  entry: Entry,
  object: AnyObject,
  { preconditions }: DeletionRequest,
): void {
  const kind = { group: served.def.group, resource: served.def.kind };
  const uid = preconditions?.uid;
  const actual = object.metadata?.uid ?? '';
  if (uid !== undefined && uid !== actual) {
    const why = `the UID in the precondition (${uid}) does not match the UID in record (${actual}). The object might have been deleted and then recreated`;
    throw conflict(kind, entry.name, why);
  }
  const version = preconditions?.resourceVersion;
  if (version !== undefined && version !== String(entry.revision)) {
    const why = `the ResourceVersion in the precondition (${version}) does not match the ResourceVersion in record (${entry.revision}). The object might have been modified`;
    throw conflict(kind, entry.name, why);
  }
}
