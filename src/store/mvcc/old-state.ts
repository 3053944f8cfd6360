/** The state of a range at an earlier revision: today's state with the changes since undone. */

import type { KeyRange } from '../store.ts';
import type { History } from './history.ts';
import type { KeyIndex } from './key-index.ts';
import { sortKey } from './key-order.ts';
import type { Version } from './version.ts';

/** A value in memory, or the row of the log that holds it. */
type Found = Version | number;

export interface OldState {
  readonly items: Found[];
  /** All keys in the range, whatever the limit. */
  readonly count: number;
}

export function oldStateAt(
  live: KeyIndex<Version>,
  history: History,
  range: KeyRange,
  revision: number,
  limit: number,
): OldState {
  const before = statesBefore(history, range, revision + 1);
  const vanished: { sort: string; found: Found }[] = [];
  let count = live.count(range.start, range.end);
  for (const [key, found] of before) {
    const isLive = live.get(key) !== undefined;
    if (found === 0 && isLive) count--;
    if (found !== 0 && !isLive) {
      count++;
      vanished.push({ sort: sortKey(key), found });
    }
  }
  vanished.sort((a, b) => (a.sort < b.sort ? -1 : 1));
  return { items: merge(live, range, before, vanished, limit), count };
}

/**
 * What each key that changed from `revision` on was before its first such change; 0 when it did not exist.
 */
function statesBefore(history: History, range: KeyRange, revision: number): Map<string, Found> {
  const before = new Map<string, Found>();
  history.scan(range, revision, (change) => {
    if (!before.has(change.key)) {
      before.set(change.key, (change.event?.previous as Version | undefined) ?? change.previousRowId);
    }
    return true;
  });
  return before;
}

function merge(
  live: KeyIndex<Version>,
  range: KeyRange,
  before: Map<string, Found>,
  vanished: readonly { sort: string; found: Found }[],
  limit: number,
): Found[] {
  const items: Found[] = [];
  if (limit === 0) return items;
  let next = 0;
  live.scan(range.start, range.end, (version, sort) => {
    while (next < vanished.length && vanished[next]!.sort < sort && items.length < limit) {
      items.push(vanished[next++]!.found);
    }
    const found = before.get(version.key) ?? version;
    if (found !== 0 && items.length < limit) items.push(found);
    return items.length < limit;
  });
  while (next < vanished.length && items.length < limit) items.push(vanished[next++]!.found);
  return items;
}
