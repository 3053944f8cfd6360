/** Indexes of a Job as text, `1,3-5,7`: their number, the first that two texts share, or why a text is invalid. */

export class IndexesError extends Error {
  override name = 'IndexesError';
}

type Interval = readonly [first: number, last: number];

export function countIndexes(text: string, completions: number): number {
  if (text === '') return 0;
  let total = 0;
  let before: number | undefined;
  for (const part of text.split(',')) {
    const [first, last] = intervalOf(part, completions);
    if (before !== undefined && before >= first) {
      throw new IndexesError(`non-increasing order, previous: ${before}, current: ${first}`);
    }
    before = last;
    total += last - first + 1;
  }
  return total;
}

/** Of texts in increasing order; a part that is invalid is left out. */
export function sharedIndex(text: string, other: string, completions: number): number | undefined {
  const [mine, theirs] = [text, other].map((text) => validIntervals(text, completions));
  let i = 0;
  let j = 0;
  while (i < mine!.length && j < theirs!.length) {
    const [[first, last], [otherFirst, otherLast]] = [mine![i]!, theirs![j]!];
    if (first <= otherLast && otherFirst <= last) return Math.max(first, otherFirst);
    if (first <= otherFirst) i++;
    else j++;
  }
  return undefined;
}

function validIntervals(text: string, completions: number): Interval[] {
  if (text === '') return [];
  return text.split(',').flatMap((part) => {
    try {
      return [intervalOf(part, completions)];
    } catch (error) {
      if (error instanceof IndexesError) return [];
      throw error;
    }
  });
}

function intervalOf(part: string, completions: number): Interval {
  const limits = part.split('-');
  if (limits.length > 2) {
    throw new IndexesError(
      `the fragment ${JSON.stringify(part)} violates the requirement that an index interval can have at most two parts separated by '-'`,
    );
  }
  const first = indexOf(limits[0]!, completions);
  if (limits.length === 1) return [first, first];
  const last = indexOf(limits[1]!, completions);
  if (first >= last) throw new IndexesError(`non-increasing order, previous: ${first}, current: ${last}`);
  return [first, last];
}

function indexOf(text: string, completions: number): number {
  if (!/^[+-]?\d+$/.test(text)) {
    throw new IndexesError(`cannot convert string to integer for index: ${JSON.stringify(text)}`);
  }
  const index = Number(text);
  if (index >= completions) throw new IndexesError(`too large index: ${JSON.stringify(text)}`);
  return index;
}
