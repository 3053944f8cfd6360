/** An object has at most ten managers that update: the oldest of them are folded into `ancient-changes`. */

import { type FieldSet, unionOfAll } from '#api/fields/field-set.ts';
import { type FieldManager, type FieldManagers, managerId } from './field-managers.ts';

const updatersMax = 10;
const ancient = 'ancient-changes';

/** In place. The oldest managers of each API version become one entry. */
export function capManagers(managers: FieldManagers): void {
  const updaters = [...managers].filter(([, { operation }]) => operation === 'Update');
  let count = updaters.length;
  if (count <= updatersMax) return;
  updaters.sort(olderFirst);
  const folds = new Map<string, Fold>();
  for (const [id, fieldManager] of updaters) {
    if (count <= updatersMax) break;
    const { apiVersion, time, set } = fieldManager;
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
  for (const [apiVersion, fold] of folds) if (fold.ids.length > 1) putFold(managers, apiVersion, fold);
}

/** Managers of one API version that become one entry. */
interface Fold {
  readonly ids: string[];
  readonly sets: FieldSet[];
  /** Of the manager among them that wrote last. */
  time: string | undefined;
}

function putFold(managers: FieldManagers, apiVersion: string, { ids, sets, time }: Fold): void {
  const bucket = { manager: ancient, operation: 'Update', apiVersion, subresource: '' } as const;
  const bucketId = managerId(bucket);
  const there = managers.get(bucketId);
  const isFirstKept = there !== undefined && ids[0] !== bucketId;
  for (const id of isFirstKept ? ids.slice(1) : ids) managers.delete(id);
  const folded = isFirstKept ? [there.set, ...sets.slice(1)] : sets;
  managers.set(bucketId, { ...bucket, time, set: unionOfAll(folded) });
}

function olderFirst([a, left]: [string, FieldManager], [b, right]: [string, FieldManager]): number {
  const [older, newer] = [left.time ?? '', right.time ?? ''];
  if (older !== newer) return older < newer ? -1 : 1;
  return a < b ? -1 : 1;
}
