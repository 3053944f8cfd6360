/** The answer where something is stored and cannot be decrypted. */

import { internalError, type StatusError } from '#api/meta/status.ts';
import type { ResourceCache } from '../../cache/resource-cache.ts';
import { keyOf, type StoredResource } from '../../registry/served-resource.ts';

/** Undefined: nothing is stored there, or it is readable. */
export function unreadable(
  storage: StoredResource,
  namespace: string,
  name: string,
): StatusError | undefined {
  if (storage.cache.unreadable.size === 0) return undefined;
  const error = storage.cache.unreadable.get(keyOf(storage, namespace, name));
  return error && internalError(error.message);
}

/** A list that leaves out what it cannot read would not say so. */
export function mustBeReadable({ unreadable, prefix }: ResourceCache, namespace: string): void {
  if (unreadable.size === 0) return;
  const folder = namespace === '' ? prefix : `${prefix}${namespace}/`;
  const keys = [...unreadable.keys()].filter((key) => key.startsWith(folder)).sort();
  if (keys.length > 0) throw cannotTransform(keys[0]!, unreadable.get(keys[0]!)!);
}

export function cannotTransform(key: string, error: Error): StatusError {
  return internalError(`unable to transform key ${JSON.stringify(key)}: ${error.message}`);
}
