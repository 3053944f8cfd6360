/**
 * Sets of a Job's indexes, stored as ranges: `0-2147483646` costs as much as `0`, in memory and in time.
 */

interface Range {
  readonly first: number;
  readonly last: number;
}

export class IndexRanges {
  static readonly none = new IndexRanges([]);
  /** Sorted, with a gap between any two. */
  readonly #ranges: readonly Range[];
  readonly size: number;

  private constructor(ranges: readonly Range[]) {
    this.#ranges = ranges;
    this.size = ranges.reduce((total, { first, last }) => total + last - first + 1, 0);
  }

  /** Parses `0,3-5,7`, up to `completions`: the completions of an Indexed Job can be reduced. */
  static parse(text = '', completions = 0): IndexRanges {
    const ranges: Range[] = [];
    for (const part of text.split(',')) {
      const [first, last = first] = part.split('-').map(Number);
      if (part === '' || first === undefined || last === undefined) continue;
      const end = Math.min(last, completions - 1);
      if (end >= first) ranges.push({ first, last: end });
    }
    return new IndexRanges(merged(ranges));
  }

  has(index: number): boolean {
    const range = this.#ranges[this.#firstEndingAtOrAfter(index)];
    return range !== undefined && range.first <= index;
  }

  with(indexes: Iterable<number>): IndexRanges {
    const added = Array.from(indexes, (index) => ({ first: index, last: index }));
    return added.length === 0 ? this : new IndexRanges(merged([...this.#ranges, ...added]));
  }

  withRanges(other: IndexRanges): IndexRanges {
    return other.size === 0 ? this : new IndexRanges(merged([...this.#ranges, ...other.#ranges]));
  }

  /** Number of indexes that are in both. */
  countIn(other: IndexRanges): number {
    let count = 0;
    for (const { first, last } of this.#ranges) {
      for (let at = other.#firstEndingAtOrAfter(first); at < other.#ranges.length; at++) {
        const range = other.#ranges[at]!;
        if (range.first > last) break;
        count += Math.min(last, range.last) - Math.max(first, range.first) + 1;
      }
    }
    return count;
  }

  /** The lowest `count` indexes below `end` that are not among these. */
  missing(count: number, end: number): number[] {
    const found: number[] = [];
    let next = 0;
    for (const { first, last } of [...this.#ranges, { first: end, last: end }]) {
      for (; next < Math.min(first, end) && found.length < count; next++) found.push(next);
      if (found.length >= count) break;
      next = last + 1;
    }
    return found;
  }

  /** Two adjacent indexes are written separately, three or more as a range. */
  toString(): string {
    return this.#ranges
      .map(({ first, last }) => {
        if (first === last) return String(first);
        return last === first + 1 ? `${first},${last}` : `${first}-${last}`;
      })
      .join(',');
  }

  #firstEndingAtOrAfter(index: number): number {
    let [low, high] = [0, this.#ranges.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#ranges[middle]!.last < index) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function merged(ranges: Range[]): Range[] {
  const result: Range[] = [];
  for (const { first, last } of ranges.sort((a, b) => a.first - b.first)) {
    const before = result.at(-1);
    if (before && first <= before.last + 1) {
      result[result.length - 1] = { first: before.first, last: Math.max(before.last, last) };
    } else result.push({ first, last });
  }
  return result;
}
