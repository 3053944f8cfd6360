/**
 * The log of changes since the last compaction, in memory: where watches start from and how old states are
 * found.
 *
 * Newer changes carry their event; of older ones, past a bound in bytes, only the rows of the log are
 * remembered ("cold"), and the values are read back from the row log on demand.
 */

import type { KeyRange, WatchEvent } from '../store.ts';
import { sortKey } from './key-order.ts';

export interface Change {
  readonly key: string;
  readonly revision: number;
  readonly rowId: number;
  /** The row this change replaced; 0 when it created the key. */
  readonly previousRowId: number;
  readonly deleted: boolean;
  /** What forgetting this change frees: its key and the value it replaced. */
  readonly retainedBytes: number;
  /** Undefined when cold. */
  event: WatchEvent | undefined;
}

/** What a change takes beside the key and the value. */
const changeOverheadBytes = 200;
/** Compacted places at the front of the list before it is moved. */
const deadMax = 4096;

export class History {
  #changes: Change[] = [];
  #first = 0;
  #firstHot = 0;
  #hotBytes = 0;
  #sizeBytes = 0;
  readonly #hotBytesMax: number;

  constructor(hotBytesMax: number) {
    this.#hotBytesMax = hotBytesMax;
  }

  get length(): number {
    return this.#changes.length - this.#first;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  append(change: Change): void {
    const bytes = change.retainedBytes + changeOverheadBytes;
    this.#changes.push(change);
    this.#sizeBytes += bytes;
    this.#hotBytes += bytes;
    while (this.#hotBytes > this.#hotBytesMax && this.#firstHot < this.#changes.length) {
      const cooled = this.#changes[this.#firstHot++]!;
      cooled.event = undefined;
      this.#hotBytes -= cooled.retainedBytes + changeOverheadBytes;
    }
  }

  /** Calls `visit` for the changes of `range` from revision `from` to `to` until it returns false. */
  scan(
    range: KeyRange,
    from: number,
    visit: (change: Change) => boolean,
    to = Number.POSITIVE_INFINITY,
  ): void {
    const start = sortKey(range.start);
    const end = sortKey(range.end);
    for (let i = this.#indexOf(from); i < this.#changes.length; i++) {
      const change = this.#changes[i]!;
      if (change.revision > to) return;
      const key = sortKey(change.key);
      if (key >= start && key < end && !visit(change)) return;
    }
  }

  /** A revision above `revision` with about `count` changes between; undefined when fewer are left. */
  revisionAfter(revision: number, count: number): number | undefined {
    const change = this.#changes[this.#indexOf(revision) + count];
    return change && Math.max(change.revision, revision + 1);
  }

  /** Forgets the changes before `revision` and returns them. */
  dropBefore(revision: number): Change[] {
    const end = this.#indexOf(revision);
    const dropped = this.#changes.slice(this.#first, end);
    for (const [i, change] of dropped.entries()) {
      const bytes = change.retainedBytes + changeOverheadBytes;
      this.#sizeBytes -= bytes;
      if (this.#first + i >= this.#firstHot) this.#hotBytes -= bytes;
    }
    this.#first = end;
    this.#firstHot = Math.max(this.#firstHot, end);
    if (this.#first > deadMax && this.#first > this.#changes.length / 2) this.#moveFront();
    else this.#changes.fill(tombstone, end - dropped.length, end);
    return dropped;
  }

  /** The oldest revision that can be kept with at most `bytes` of history. */
  revisionWithin(bytes: number): number {
    let excess = this.#sizeBytes - bytes;
    let at = this.#first;
    for (; at < this.#changes.length - 1 && excess > 0; at++) {
      excess -= this.#changes[at]!.retainedBytes + changeOverheadBytes;
    }
    return this.#changes[at]?.revision ?? 0;
  }

  #moveFront(): void {
    this.#changes = this.#changes.slice(this.#first);
    this.#firstHot -= this.#first;
    this.#first = 0;
  }

  /** The first change whose revision is not below `revision`. */
  #indexOf(revision: number): number {
    let low = this.#first;
    let high = this.#changes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#changes[middle]!.revision < revision) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Stands where a forgotten change was, so that its values can be freed before the list is moved. */
const tombstone: Change = {
  key: '',
  revision: 0,
  rowId: 0,
  previousRowId: 0,
  deleted: true,
  retainedBytes: 0,
  event: undefined,
};

/** The rows that cannot be read any more once the history up to this change is forgotten. */
export function obsoleteRows(change: Change): number[] {
  const gone = change.previousRowId ? [change.previousRowId] : [];
  return change.deleted ? [...gone, change.rowId] : gone;
}
