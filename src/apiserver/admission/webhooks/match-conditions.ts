/**
 * Evaluates the match conditions of a webhook for a request: a single false condition decides, even if others fail.
 */

import { costLimits } from '#api/cel/contract.ts';
import type { AdmissionAttributes } from '../../contract/admission.ts';
import type { Authorizer } from '../../contract/authorization.ts';
import { authorizerBindings, requestBindings } from '../expressions/request-bindings.ts';
import type { ObjectViews } from '../objects/shown-objects.ts';
import type { MatchedHook } from './hook-source.ts';

export interface Evaluated {
  /** Undefined if no condition is false and some failed. */
  readonly isMatch: boolean | undefined;
  readonly errors: readonly string[];
  readonly budgetError?: string;
}

const overBudget: Evaluated = {
  isMatch: undefined,
  errors: [],
  budgetError: 'validation failed due to running out of cost budget, no further validation rules will be run',
};

export function evaluateConditions(
  authorizer: Authorizer,
  { hook, type }: MatchedHook,
  attributes: AdmissionAttributes,
  views: ObjectViews,
): Evaluated {
  const objects = { object: views.object(type) ?? null, oldObject: views.oldObject(type) ?? null };
  const bindings = {
    ...requestBindings(attributes, type, objects, null),
    ...authorizerBindings(authorizer, attributes),
  };
  const errors: string[] = [];
  let isFalse = false;
  let cost = 0;
  for (const { program, expression } of hook.conditions) {
    if (typeof program === 'string') {
      errors.push(`compilation error: compilation failed: ${program}`);
      continue;
    }
    const result = program.evaluate(bindings, costLimits.call);
    cost += result.cost;
    if (cost > costLimits.matchConditions) return overBudget;
    if (!result.ok) errors.push(`expression '${expression}' resulted in error: ${result.error}`);
    else if (result.value === false) isFalse = true;
  }
  if (isFalse) return { isMatch: false, errors };
  return { isMatch: errors.length > 0 ? undefined : true, errors };
}
