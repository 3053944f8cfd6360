/** When an Indexed Job succeeds although not all of its indexes have succeeded. */

import type { Job, SuccessPolicyRule } from '#api/generated/types.gen.ts';
import { IndexRanges } from './index-ranges.ts';

/** The message of the first matching rule. */
export function matchSuccess({ spec }: Job, completed: IndexRanges): string | undefined {
  const rules = spec?.successPolicy?.rules ?? [];
  const at = rules.findIndex((rule) => isMet(rule, completed, spec?.completions ?? 0));
  return at === -1 ? undefined : `Matched rules at index ${at}`;
}

function isMet(rule: SuccessPolicyRule, completed: IndexRanges, completions: number): boolean {
  const { succeededIndexes, succeededCount } = rule;
  if (completed.size === 0) return false;
  if (succeededIndexes === undefined) return completed.size >= (succeededCount ?? completions);
  const wanted = IndexRanges.parse(succeededIndexes, completions);
  const done = wanted.countIn(completed);
  return wanted.size > 0 && done >= Math.min(succeededCount ?? wanted.size, wanted.size);
}
