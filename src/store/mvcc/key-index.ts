/**
 * A sorted map from key to entry: any part of it is found in logarithmic time and walked in order.
 *
 * Sorted chunks of bounded size in a sorted list. An insertion moves at most one chunk's worth of pointers,
 * which measures faster than a B+tree of small nodes up to millions of keys.
 */

import { sortKey } from './key-order.ts';

const chunkMax = 512;

interface Chunk<T> {
  keys: string[];
  entries: T[];
}

export class KeyIndex<T> {
  #chunks: Chunk<T>[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: string): T | undefined {
    const sort = sortKey(key);
    const chunk = this.#chunks[this.#chunkFor(sort)];
    if (!chunk) return undefined;
    const at = lowerBound(chunk.keys, sort);
    return chunk.keys[at] === sort ? chunk.entries[at] : undefined;
  }

  set(key: string, entry: T): void {
    const sort = sortKey(key);
    if (this.#chunks.length === 0) this.#chunks.push({ keys: [], entries: [] });
    const chunkAt = Math.min(this.#chunkFor(sort), this.#chunks.length - 1);
    const chunk = this.#chunks[chunkAt]!;
    const at = lowerBound(chunk.keys, sort);
    if (chunk.keys[at] === sort) {
      chunk.entries[at] = entry;
      return;
    }
    chunk.keys.splice(at, 0, sort);
    chunk.entries.splice(at, 0, entry);
    this.#size++;
    if (chunk.keys.length > chunkMax) this.#split(chunkAt, at === chunk.keys.length - 1);
  }

  delete(key: string): void {
    const sort = sortKey(key);
    const chunkAt = this.#chunkFor(sort);
    const chunk = this.#chunks[chunkAt];
    if (!chunk) return;
    const at = lowerBound(chunk.keys, sort);
    if (chunk.keys[at] !== sort) return;
    chunk.keys.splice(at, 1);
    chunk.entries.splice(at, 1);
    this.#size--;
    if (chunk.keys.length === 0) this.#chunks.splice(chunkAt, 1);
  }

  /** All entries in order; a private array. */
  values(): T[] {
    return ([] as T[]).concat(...this.#chunks.map((chunk) => chunk.entries));
  }

  /** How many keys lie in `[start, end)`; the cost does not grow with their number but with the chunks'. */
  count(start: string, end: string): number {
    return Math.max(0, this.#rank(sortKey(end)) - this.#rank(sortKey(start)));
  }

  /** Calls `visit` for each entry of `[start, end)` in order until it returns false. */
  scan(start: string, end: string, visit: (entry: T, sort: string) => boolean): void {
    const from = sortKey(start);
    const to = sortKey(end);
    let chunkAt = this.#chunkFor(from);
    let at = chunkAt < this.#chunks.length ? lowerBound(this.#chunks[chunkAt]!.keys, from) : 0;
    for (; chunkAt < this.#chunks.length; chunkAt++, at = 0) {
      const { keys, entries } = this.#chunks[chunkAt]!;
      const wholeChunk = keys[keys.length - 1]! < to;
      for (; at < keys.length; at++) {
        if (!wholeChunk && keys[at]! >= to) return;
        if (!visit(entries[at]!, keys[at]!)) return;
      }
    }
  }

  /** The first chunk whose last key is not below `sort`. */
  #chunkFor(sort: string): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const { keys } = this.#chunks[middle]!;
      if (keys[keys.length - 1]! < sort) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #rank(sort: string): number {
    const chunkAt = this.#chunkFor(sort);
    let rank = 0;
    for (let i = 0; i < chunkAt; i++) rank += this.#chunks[i]!.keys.length;
    const chunk = this.#chunks[chunkAt];
    return chunk ? rank + lowerBound(chunk.keys, sort) : rank;
  }

  /** Keys that arrive in order fill their chunks; others halve them. */
  #split(chunkAt: number, appended: boolean): void {
    const chunk = this.#chunks[chunkAt]!;
    const at = appended ? chunk.keys.length - 1 : chunk.keys.length >>> 1;
    this.#chunks.splice(chunkAt + 1, 0, { keys: chunk.keys.splice(at), entries: chunk.entries.splice(at) });
  }
}

function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keys[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
