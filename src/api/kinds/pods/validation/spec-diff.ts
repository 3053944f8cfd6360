/**
 * The lines in which two values of the core group differ, as upstream's `diff.Diff` prints its internal
 * structs.
 */

import { hasMoreValues } from '#wire/json/value.ts';
import { internalForm } from '../../../validation/internal-form.ts';
import { unifiedDiff } from '../../../values/unified-diff.ts';

/** The lines of more values are too many to be compared. */
const valuesMax = 20_000;

/** `kind` is the type of both: `PodSpec`. */
export function describeChanges(before: unknown, after: unknown, kind: string): string {
  const isTooLong = [before, after].some((value) => hasMoreValues(value, valuesMax));
  if (isTooLong) return '... (too long to be compared)\n';
  const text = (value: unknown) => JSON.stringify(internalForm(value, kind), null, 1);
  return unifiedDiff(text(before), text(after));
}
