/**
 * The lines in which two values of the core group differ, as upstream's `diff.Diff` prints its internal
 * structs.
 */

import { internalForm } from '../../../validation/internal-form.ts';
import { unifiedDiff } from '../../../values/unified-diff.ts';

/** `kind` is the type of both: `PodSpec`. */
export function describeChanges(before: unknown, after: unknown, kind: string): string {
  const text = (value: unknown) => JSON.stringify(internalForm(value, kind), null, 1);
  return unifiedDiff(text(before), text(after));
}
