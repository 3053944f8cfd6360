/**
 * The only place where objects enter and leave the store: compares, writes, and reports the store's errors.
 */

import type { KeyValue, Txn, TxnResult } from '#store/store.ts';
import type { Selectable } from '../../cache/entry.ts';
import type { StoreOperation } from '../../cache/resource-counts.ts';
import { keyOf, type StoredResource } from '../../registry/served-resource.ts';
import type { StorageParts } from '../../registry/storage-parts.ts';
import { storeFailure } from '../store-failure.ts';

/** An object as it goes to the store. */
export interface Encoded {
  readonly value: Uint8Array;
  readonly selectable: Selectable;
  /** The object has a deletionTimestamp: its writes are accepted even on a full disk, so that it can be deleted. */
  readonly isDeleting: boolean;
}

/** The store has another revision than the expected one. */
export interface Outdated {
  readonly current: KeyValue | undefined;
}

/** Returns the revision of the write. `expected`: the current revision; 0 for a create. */
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
    const operation = at.expected === 0 ? 'create' : 'update';
    return await commit(parts, storage, operation, { compare, ops, forDeletion: isDeleting });
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
  const compare = [{ key, modRevision: at.expected }];
  return commit(parts, storage, 'delete', { compare, ops: [{ type: 'delete', key }] });
}

async function commit(
  { env: { clock }, store }: StorageParts,
  { cache: { counts } }: StoredResource,
  operation: StoreOperation,
  txn: Txn,
): Promise<number | Outdated> {
  const beganMs = clock.monotonicMs();
  try {
    const result = await store.commit(txn);
    counts.storeAnswered(operation, clock.monotonicMs() - beganMs);
    return outcome(result);
  } catch (error) {
    counts.storeFailed(operation, clock.monotonicMs() - beganMs);
    throw storeFailure(error);
  }
}

function outcome(result: TxnResult): number | Outdated {
  return result.succeeded ? result.revision : { current: result.current[0] };
}
