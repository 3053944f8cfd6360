/** Objects in the store that do not say they are what their key says, as a patch could once leave them: put right at start. */

import type { Env } from '#base/env.ts';
import type { Store } from '#store/store.ts';
import { encodeObject } from '#wire/canonical-json.ts';
import type { Misnamed } from './resource-cache.ts';
import { parseBytes } from './stored-bytes.ts';

/** One that changed meanwhile was written by a server that lets no such object through. */
export async function repairNames(env: Env, store: Store, found: readonly Misnamed[]): Promise<void> {
  for (const { key, namespace, name, revision, value } of found) {
    const { metadata, ...rest } = parseBytes(value);
    const { namespace: _, ...kept } = metadata ?? {};
    const named = { ...kept, name, ...(namespace === '' ? {} : { namespace }) };
    const repaired = encodeObject({ ...rest, metadata: named });
    const compare = [{ key, modRevision: revision }];
    await store.commit({ compare, ops: [{ type: 'put', key, value: repaired }] });
    env.log.warn('a stored object did not carry its own name: repaired', { key });
  }
}
