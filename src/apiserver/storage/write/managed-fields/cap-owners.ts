/** An object has at most ten owners that update: the oldest become one, who is called `ancient-changes`. */

import { union } from '#api/fields/field-set.ts';
import { type Owner, type Owners, ownerId } from './owners.ts';

const updatersMax = 10;
const ancient = 'ancient-changes';

/** In place. The first of each version gives its place to the rest of them. */
export function capOwners(owners: Owners): void {
  const updaters = [...owners].filter(([, { operation }]) => operation === 'Update');
  let count = updaters.length;
  if (count <= updatersMax) return;
  updaters.sort(olderFirst);
  const firstOf = new Map<string, string>();
  for (const [id, owner] of updaters) {
    if (count <= updatersMax) return;
    const first = firstOf.get(owner.apiVersion);
    if (first === undefined) {
      firstOf.set(owner.apiVersion, id);
      continue;
    }
    fold(owners, first, id, owner);
    count--;
  }
}

function fold(owners: Owners, first: string, id: string, owner: Owner): void {
  const { apiVersion, time, set } = owner;
  const bucket = { manager: ancient, operation: 'Update', apiVersion, subresource: '' } as const;
  const bucketId = ownerId(bucket);
  const there = owners.get(bucketId) ?? owners.get(first)!;
  if (!owners.has(bucketId)) owners.delete(first);
  owners.delete(id);
  owners.set(bucketId, { ...bucket, time, set: union(set, there.set) });
}

function olderFirst([a, left]: [string, Owner], [b, right]: [string, Owner]): number {
  const [older, newer] = [left.time ?? '', right.time ?? ''];
  if (older !== newer) return older < newer ? -1 : 1;
  return a < b ? -1 : 1;
}
