/** PodDisruptionBudget: how many pods may be disrupted at once. */

import { podDisruptionBudgets } from '../../generated/kinds.gen.ts';
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '../../generated/types.gen.ts';
import { ageOf, nameOf } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, column, nameColumn } from '../../kind/printer.ts';
import { keepStatus } from '../../kind/status-handling.ts';
import { validateLabelSelector } from '../../selectors/validation.ts';
import { checkConditions } from '../../validation/conditions.ts';
import { checkOneOfIfGiven } from '../../validation/field-checks.ts';
import { type FieldError, invalidValue } from '../../validation/field-error.ts';
import { internalText } from '../../validation/internal-form.ts';
import { pathSegmentName } from '../../validation/validators.ts';
import {
  checkIntOrPercent,
  checkNotMoreThan100Percent,
  validateCounts,
} from '../apps/workload-validation.ts';

export const podDisruptionBudget = defineKind(podDisruptionBudgets, {
  hasGeneration: true,
  nameRule: pathSegmentName,
  allowUnconditionalUpdate: false,
  prepareForCreate(budget) {
    budget.status = { ...nothingCounted };
  },
  prepareForUpdate: keepStatus,
  validate: validateBudget,
  updateChecks: ['change'],
  takesPlainFinalizers: true,
  validateStatusUpdate: ({ status }) => [
    ...checkConditions(status?.conditions ?? [], 'status.conditions'),
    ...validateCounts(status ?? nothingCounted, [
      'disruptionsAllowed',
      'currentHealthy',
      'desiredHealthy',
      'expectedPods',
    ]),
  ],
  printer: {
    columns: [
      nameColumn,
      column('Min Available'),
      column('Max Unavailable'),
      column('Allowed Disruptions', 'integer'),
      ageColumn,
    ],
    cells: (budget, now) => [
      nameOf(budget),
      String(budget.spec?.minAvailable ?? 'N/A'),
      String(budget.spec?.maxUnavailable ?? 'N/A'),
      budget.status?.disruptionsAllowed ?? 0,
      ageOf(budget, now),
    ],
  },
});

const nothingCounted: PodDisruptionBudgetStatus = {
  disruptionsAllowed: 0,
  currentHealthy: 0,
  desiredHealthy: 0,
  expectedPods: 0,
};

function validateBudget({ spec = {} }: PodDisruptionBudget): FieldError[] {
  const errors: FieldError[] = [];
  const { minAvailable, maxUnavailable, unhealthyPodEvictionPolicy: policy } = spec;
  if (minAvailable !== undefined && maxUnavailable !== undefined) {
    const shown = internalText(spec, 'policy.PodDisruptionBudgetSpec');
    errors.push(invalidValue('spec', shown, 'minAvailable and maxUnavailable cannot be both set'));
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
