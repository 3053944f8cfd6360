/** PodDisruptionBudget: how many pods may be taken away at once. */

import { checkOneOfIfGiven } from '../field-checks.ts';
import { type FieldError, invalidValue } from '../field-error.ts';
import { validateLabelSelector } from '../selector-validation.ts';
import type { Strategy } from '../strategy.ts';
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '../types.gen.ts';
import { keepStatus } from './status-handling.ts';
import { checkIntOrPercent, checkNotMoreThan100Percent, validateCounts } from './workload-validation.ts';

const nothingCounted: PodDisruptionBudgetStatus = {
  disruptionsAllowed: 0,
  currentHealthy: 0,
  desiredHealthy: 0,
  expectedPods: 0,
};

export const podDisruptionBudget: Strategy<PodDisruptionBudget> = {
  hasGeneration: true,
  allowUnconditionalUpdate: false,
  prepareForCreate(budget) {
    budget.status = { ...nothingCounted };
  },
  prepareForUpdate: keepStatus,
  validate: validateBudget,
  validateStatusUpdate: ({ status }) =>
    validateCounts(status ?? nothingCounted, [
      'disruptionsAllowed',
      'currentHealthy',
      'desiredHealthy',
      'expectedPods',
    ]),
};

function validateBudget({ spec = {} }: PodDisruptionBudget): FieldError[] {
  const errors: FieldError[] = [];
  const { minAvailable, maxUnavailable, unhealthyPodEvictionPolicy: policy } = spec;
  if (minAvailable !== undefined && maxUnavailable !== undefined) {
    errors.push(invalidValue('spec', spec, 'minAvailable and maxUnavailable cannot be both set'));
  }
  for (const [key, value] of Object.entries({ minAvailable, maxUnavailable })) {
    if (value === undefined) continue;
    errors.push(
      ...checkIntOrPercent(`spec.${key}`, value),
      ...checkNotMoreThan100Percent(`spec.${key}`, value),
    );
  }
  errors.push(...validateLabelSelector(spec.selector, 'spec.selector'));
  const policies = ['AlwaysAllow', 'IfHealthyBudget'];
  return [...errors, ...checkOneOfIfGiven('spec.unhealthyPodEvictionPolicy', policy, policies)];
}
