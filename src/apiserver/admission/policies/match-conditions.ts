/** Whether a request meets the match conditions of a policy. */

import type { Composition } from '#api/cel/composition.ts';
import type { Condition } from '#api/cel/condition.ts';
import { costLimits } from '#api/cel/contract.ts';
import { aggregateText } from '#api/go/aggregate.ts';
import type { Clock } from '#base/clock.ts';
import { Budget, evaluateConditions } from './condition.ts';
import type { Bindings } from './policy-variables.ts';

export interface ConditionedPolicy {
  readonly isFailClosed: boolean;
  readonly composition: Composition;
  readonly matchConditions: readonly Condition[];
}

/** A single false condition decides. Otherwise errors are returned as a string, or mean no match if the policy fails open. */
export function meetsConditions(
  { isFailClosed, composition, matchConditions }: ConditionedPolicy,
  bindings: Bindings,
  clock: Clock,
): boolean | string {
  if (matchConditions.length === 0) return true;
  const scope = {
    bindings: { ...bindings, namespaceObject: null },
    variables: composition.begin(bindings),
    clock,
  };
  const outcomes = evaluateConditions(matchConditions, scope, new Budget(costLimits.matchConditions));
  if (typeof outcomes === 'string') return isFailClosed ? outcomes : false;
  if (outcomes.some((outcome) => outcome!.error === undefined && outcome!.value === false)) return false;
  const errors = outcomes.flatMap((outcome) => outcome!.error ?? []);
  if (errors.length === 0) return true;
  if (!isFailClosed) return false;
  return aggregateText(errors);
}
