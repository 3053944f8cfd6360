/** Applies a change to the current object of a name, and again to the newer one after a conflict. */

import { noSuchPath, serviceUnavailable } from '#api/meta/status.ts';
import type { Entry } from '../../cache/entry.ts';
import type { ServedResource, StoredResource } from '../../registry/served-resource.ts';
import type { StorageParts } from '../../registry/storage-parts.ts';
import { unreadable } from '../read/unreadable.ts';

/** Attempts before the request fails because the object changes too often. */
const triesMax = 100;

/** `attempt` returns undefined when the store had a newer object than the given one. */
export async function onCurrentEntry<T>(
  parts: StorageParts,
  served: ServedResource,
  at: { readonly namespace: string; readonly name: string; readonly toBe: 'written' | 'deleted' },
  attempt: (entry: Entry | undefined) => Promise<T | undefined>,
): Promise<T> {
  for (let tries = 0; tries < triesMax; tries++) {
    const found = currentEntry(parts, served.storage!, at.namespace, at.name);
    const outcome = await attempt(found instanceof Promise ? await found : found);
    if (outcome) return outcome;
    // The resource is no longer served: its cache is not updated.
    if (served.storage!.cache.watchers.isClosed) throw noSuchPath();
  }
  throw serviceUnavailable(`${served.def.resource} "${at.name}" is changing too fast to be ${at.toBe}`);
}

/** From the cache, as soon as it is as fresh as the store. */
export function currentEntry(
  parts: StorageParts,
  storage: StoredResource,
  namespace: string,
  name: string,
): Entry | undefined | Promise<Entry | undefined> {
  const waiting = parts.cache.fresh();
  if (!waiting) return readableEntry(storage, namespace, name);
  return waiting.then(() => readableEntry(storage, namespace, name));
}

function readableEntry(storage: StoredResource, namespace: string, name: string): Entry | undefined {
  const entry = storage.cache.index.get(namespace, name);
  const problem = entry ? undefined : unreadable(storage, namespace, name);
  if (problem) throw problem;
  return entry;
}
