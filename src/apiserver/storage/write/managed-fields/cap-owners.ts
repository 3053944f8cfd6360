/** An object has at most ten owners that update: the oldest become one, who is called `ancient-changes`. */

import { type FieldSet, unionOfAll } from '#api/fields/field-set.ts';
import { type Owner, type Owners, ownerId } from './owners.ts';

const updatersMax = 10;
const ancient = 'ancient-changes';

/** In place. The first of each version gives its place to the rest of them. */
export function capOwners(owners: Owners): void {
  const updaters = [...owners].filter(([, { operation }]) => operation === 'Update');
  let count = updaters.length;
  if (count <= updatersMax) return;
  updaters.sort(olderFirst);
  const folds = new Map<string, Fold>();
  for (const [id, owner] of updaters) {
    if (count <= updatersMax) break;
    const { apiVersion, time, set } = owner;
    const fold = folds.get(apiVersion);
    if (!fold) {
      folds.set(apiVersion, { ids: [id], sets: [set], time });
      continue;
    }
    fold.ids.push(id);
    fold.sets.push(set);
    fold.time = time;
    count--;
  }
  for (const [apiVersion, fold] of folds) if (fold.ids.length > 1) putFold(owners, apiVersion, fold);
}

/** Owners of one version that become one. */
interface Fold {
  readonly ids: string[];
  readonly sets: FieldSet[];
  /** Of the youngest of them. */
  time: string | undefined;
}

function putFold(owners: Owners, apiVersion: string, { ids, sets, time }: Fold): void {
  const bucket = { manager: ancient, operation: 'Update', apiVersion, subresource: '' } as const;
  const bucketId = ownerId(bucket);
  const there = owners.get(bucketId);
  const isFirstKept = there !== undefined && ids[0] !== bucketId;
  for (const id of isFirstKept ? ids.slice(1) : ids) owners.delete(id);
  const folded = isFirstKept ? [there.set, ...sets.slice(1)] : sets;
  owners.set(bucketId, { ...bucket, time, set: unionOfAll(folded) });
}

function olderFirst([a, left]: [string, Owner], [b, right]: [string, Owner]): number {
  const [older, newer] = [left.time ?? '', right.time ?? ''];
  if (older !== newer) return older < newer ? -1 : 1;
  return a < b ? -1 : 1;
}
