/** What the store has under a name now, from the cache once it is fresh. */

import type { Entry } from '../cache/entry.ts';
import type { Core } from '../exchange.ts';
import type { StoredResource } from '../resources.ts';

export function currentEntry(
  core: Core,
  storage: StoredResource,
  namespace: string,
  name: string,
): Entry | undefined | Promise<Entry | undefined> {
  const waiting = core.cache.fresh();
  if (!waiting) return storage.cache.index.get(namespace, name);
  return waiting.then(() => storage.cache.index.get(namespace, name));
}
