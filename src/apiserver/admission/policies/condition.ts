/** Evaluates the expressions of a policy within a cost budget. */

import type { ComposedVariables } from '#api/cel/composition.ts';
import type { Condition } from '#api/cel/condition.ts';
import { costLimits } from '#api/cel/contract.ts';
import type { Clock } from '#base/clock.ts';
import type { Bindings } from './policy-variables.ts';

export type Outcome = (
  | { readonly value: unknown; readonly error?: undefined }
  | { readonly error: string }
) & {
  /** Duration of the evaluation. */
  readonly ms: number;
};

/** The variables and the clock of an evaluation. */
export interface Scope {
  /** Without `variables`. */
  readonly bindings: Bindings;
  readonly variables: ComposedVariables;
  readonly clock: Clock;
}

export const outOfBudget =
  'validation failed due to running out of cost budget, no further validation rules will be run';

/** The remaining cost that several expressions may have together. */
export class Budget {
  #rest: number;

  constructor(limit: number) {
    this.#rest = limit;
  }

  /** False when the budget is exceeded. */
  spend(cost: number): boolean {
    this.#rest -= cost;
    return this.#rest >= 0;
  }
}

/** The outcome of each condition, in order; undefined for an undefined condition. A string when the budget is spent. */
export function evaluateConditions(
  conditions: readonly (Condition | undefined)[],
  scope: Scope,
  budget: Budget,
): readonly (Outcome | undefined)[] | string {
  const outcomes: (Outcome | undefined)[] = [];
  for (const condition of conditions) {
    const outcome = condition && evaluateCondition(condition, scope, budget);
    if (typeof outcome === 'string') return outcome;
    outcomes.push(outcome);
  }
  return outcomes;
}

/** A string when the budget is spent. */
export function evaluateCondition(
  { program, expression }: Condition,
  { bindings, variables, clock }: Scope,
  budget: Budget,
): Outcome | string {
  if (typeof program === 'string') return { error: `compilation error: ${program}`, ms: 0 };
  const startedMs = clock.monotonicMs();
  const result = program.evaluate({ ...bindings, variables }, costLimits.call);
  if (!budget.spend(variables.takeCost()) || !budget.spend(result.cost)) return outOfBudget;
  const ms = clock.monotonicMs() - startedMs;
  if (result.ok) return { value: result.value, ms };
  return { error: `expression '${expression}' resulted in error: ${result.error}`, ms };
}
