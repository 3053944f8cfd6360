/**
 * The one place where objects enter and leave the store: compare, write, and what the store says when it
 * cannot.
 */

import type { KeyValue, TxnResult } from '#store/store.ts';
import type { Selectable } from '../../cache/entry.ts';
import { keyOf, type StoredResource } from '../../registry/served-resource.ts';
import type { StorageParts } from '../../registry/storage-parts.ts';
import { storeFailure } from '../store-failure.ts';

/** An object as it goes to the store. */
export interface Encoded {
  readonly value: Uint8Array;
  readonly selectable: Selectable;
  /** It has a deletionTimestamp: the way to its end stays open on a full disk. */
  readonly isDeleting: boolean;
}

/** The store has something else than was compared. */
export interface Outdated {
  readonly current: KeyValue | undefined;
}

/** Returns the revision it was written at. `expected` 0 means that nothing may be there. */
export async function putObject(
  parts: StorageParts,
  storage: StoredResource,
  at: { namespace: string; name: string; expected: number },
  { value, selectable, isDeleting }: Encoded,
): Promise<number | Outdated> {
  const key = keyOf(storage, at.namespace, at.name);
  const takeBack = storage.cache.announced.add(key, value, selectable);
  try {
    const compare = [{ key, modRevision: at.expected }];
    const ops = [{ type: 'put', key, value }] as const;
    return outcome(await parts.store.commit({ compare, ops, forDeletion: isDeleting }));
  } catch (error) {
    throw storeFailure(error);
  } finally {
    takeBack();
  }
}

export async function removeObject(
  parts: StorageParts,
  storage: StoredResource,
  at: { namespace: string; name: string; expected: number },
): Promise<number | Outdated> {
  const key = keyOf(storage, at.namespace, at.name);
  try {
    const compare = [{ key, modRevision: at.expected }];
    return outcome(await parts.store.commit({ compare, ops: [{ type: 'delete', key }] }));
  } catch (error) {
    throw storeFailure(error);
  }
}

function outcome(result: TxnResult): number | Outdated {
  return result.succeeded ? result.revision : { current: result.current[0] };
}
