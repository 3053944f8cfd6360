/** PodDisruptionBudget: how many pods may be taken away at once. */

import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '../../generated/types.gen.ts';
import { validateLabelSelector } from '../../selectors/validation.ts';
import { checkOneOfIfGiven } from '../../validation/field-checks.ts';
import { type FieldError, invalidValue } from '../../validation/field-error.ts';
import {
  checkIntOrPercent,
  checkNotMoreThan100Percent,
  validateCounts,
} from '../apps/workload-validation.ts';
import { keepStatus } from '../shared/status-handling.ts';
import type { Strategy } from '../shared/strategy.ts';

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
