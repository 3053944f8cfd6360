/** When an Indexed Job has done enough although not all of its indexes have succeeded. */

import type { Job, SuccessPolicyRule } from '#api/types.gen.ts';
import { parseIndexes } from './job-indexes.ts';

/** The message of the first rule that is met. */
export function matchSuccess({ spec }: Job, completed: ReadonlySet<number>): string | undefined {
  const rules = spec?.successPolicy?.rules ?? [];
  const at = rules.findIndex((rule) => isMet(rule, completed, spec?.completions ?? 0));
  return at === -1 ? undefined : `Matched rules at index ${at}`;
}

function isMet(rule: SuccessPolicyRule, completed: ReadonlySet<number>, completions: number): boolean {
  const { succeededIndexes, succeededCount } = rule;
  if (completed.size === 0) return false;
  if (succeededIndexes === undefined) return completed.size >= (succeededCount ?? completions);
  const wanted = [...parseIndexes(succeededIndexes, completions)];
  const done = wanted.filter((index) => completed.has(index)).length;
  return wanted.length > 0 && done >= Math.min(succeededCount ?? wanted.length, wanted.length);
}
