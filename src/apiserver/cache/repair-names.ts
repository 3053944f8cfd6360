/**
 * Stored objects whose metadata names another object than their key, as a patch could once leave them:
 * repaired at start. One that cannot be repaired, as on a full disk, is logged and left: the API server has
 * to start, so that space can be made.
 */

import type { Env } from '#base/env.ts';
import type { Store } from '#store/store.ts';
import { encodeObject } from '#wire/json/canonical.ts';
import type { Misnamed } from './resource-cache.ts';
import { parseBytes } from './stored-bytes.ts';

export async function repairNames(env: Env, store: Store, found: readonly Misnamed[]): Promise<void> {
  for (const misnamed of found) {
    const { key } = misnamed;
    try {
      await repairName(store, misnamed);
      env.log.warn('a stored object did not carry its own name: repaired', { key });
    } catch (error) {
      env.log.error('a stored object does not carry its own name', { key, error: String(error) });
    }
  }
}

/** An object that changed meanwhile is right already: the server that wrote it checks names. */
async function repairName(store: Store, { key, namespace, name, revision, value }: Misnamed): Promise<void> {
  const { metadata, ...rest } = parseBytes(value);
  const { namespace: _, ...kept } = metadata ?? {};
  const named = { ...kept, name, ...(namespace === '' ? {} : { namespace }) };
  const repaired = encodeObject({ ...rest, metadata: named });
  const compare = [{ key, modRevision: revision }];
  // Of the size it had, and deleting needs it: the space kept for deletions may be used.
  await store.commit({ compare, ops: [{ type: 'put', key, value: repaired }], forDeletion: true });
}
