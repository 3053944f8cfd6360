/** The conditions of a policy, evaluated within a budget. */

import type { ComposedVariables } from '#api/cel/composition.ts';
import type { Condition } from '#api/cel/condition.ts';
import { costLimits } from '#api/cel/contract.ts';

export type Outcome = { readonly value: unknown; readonly error?: undefined } | { readonly error: string };

const outOfBudget =
  'validation failed due to running out of cost budget, no further validation rules will be run';

/** What is left of the cost that several expressions may have together. */
export class Budget {
  #rest: number;

  constructor(limit: number) {
    this.#rest = limit;
  }

  /** False when it was not enough. */
  spend(cost: number): boolean {
    this.#rest -= cost;
    return this.#rest >= 0;
  }
}

/** The outcome of each condition, in their order; undefined conditions have none. A text when the budget is spent. */
export function evaluateConditions(
  conditions: readonly (Condition | undefined)[],
  bindings: Readonly<Record<string, unknown>>,
  variables: ComposedVariables,
  budget: Budget,
): readonly (Outcome | undefined)[] | string {
  const outcomes: (Outcome | undefined)[] = [];
  for (const condition of conditions) {
    if (condition === undefined || typeof condition.program === 'string') {
      outcomes.push(condition && { error: `compilation error: ${condition.program as string}` });
      continue;
    }
    const result = condition.program.evaluate({ ...bindings, variables }, costLimits.call);
    if (!budget.spend(variables.takeCost()) || !budget.spend(result.cost)) return outOfBudget;
    outcomes.push(
      result.ok
        ? { value: result.value }
        : { error: `expression '${condition.expression}' resulted in error: ${result.error}` },
    );
  }
  return outcomes;
}
