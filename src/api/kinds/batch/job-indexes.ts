/** Indexes of a Job as text, `1,3-5,7`: their number, or why the text is invalid. */

export class IndexesError extends Error {
  override name = 'IndexesError';
}

export function countIndexes(text: string, completions: number): number {
  if (text === '') return 0;
  let total = 0;
  let last: number | undefined;
  for (const part of text.split(',')) {
    const limits = part.split('-');
    if (limits.length > 2) {
      throw new IndexesError(
        `the fragment ${JSON.stringify(part)} violates the requirement that an index interval can have at most two parts separated by '-'`,
      );
    }
    const first = indexOf(limits[0]!, completions);
    if (last !== undefined && last >= first) {
      throw new IndexesError(`non-increasing order, previous: ${last}, current: ${first}`);
    }
    last = first;
    if (limits.length === 2) {
      const end = indexOf(limits[1]!, completions);
      if (first >= end) throw new IndexesError(`non-increasing order, previous: ${first}, current: ${end}`);
      total += end - first;
      last = end;
    }
    total++;
  }
  return total;
}

function indexOf(text: string, completions: number): number {
  if (!/^[+-]?\d+$/.test(text)) {
    throw new IndexesError(`cannot convert string to integer for index: ${JSON.stringify(text)}`);
  }
  const index = Number(text);
  if (index >= completions) throw new IndexesError(`too large index: ${JSON.stringify(text)}`);
  return index;
}
