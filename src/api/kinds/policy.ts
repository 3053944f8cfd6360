/** PodDisruptionBudget and PriorityClass: whose pods go first, and how many at once. */

import { type FieldError, forbiddenField, invalidValue, notSupported } from '../field-error.ts';
import { validateLabelSelector } from '../selector-validation.ts';
import type { Strategy } from '../strategy.ts';
import type { PodDisruptionBudget, PriorityClass } from '../types.gen.ts';
import { keepStatus } from './status-handling.ts';
import { checkIntOrPercent, checkNotMoreThan100Percent, validateCounts } from './workload-validation.ts';

export const podDisruptionBudget: Strategy<PodDisruptionBudget> = {
  hasGeneration: true,
  allowUnconditionalUpdate: false,
  prepareForCreate(budget) {
    budget.status = { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };
  },
  prepareForUpdate: keepStatus,
  validate: validateBudget,
  validateStatusUpdate: ({ status }) =>
    validateCounts(
      status ?? {},
      ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] as never,
      [],
    ),
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
  if (policy === undefined || policies.includes(policy)) return errors;
  return [...errors, notSupported('spec.unhealthyPodEvictionPolicy', policy, policies)];
}

export const priorityClass: Strategy<PriorityClass> = {
  hasGeneration: true,
  setDefaults(priorityClass) {
    priorityClass.preemptionPolicy ??= 'PreemptLowerPriority';
    priorityClass.value ??= 0;
  },
  validate: validatePriorityClass,
  validateUpdate: (now, old) => {
    const errors: FieldError[] = [];
    for (const key of ['value', 'preemptionPolicy'] as const) {
      if (now[key] === old[key]) continue;
      if (key === 'value') errors.push(forbiddenField('value', 'may not be changed in an update.'));
      else errors.push(invalidValue(key, now[key], 'field is immutable'));
    }
    return errors;
  },
};

const userPriorityMax = 1_000_000_000;
const systemClasses: Readonly<Record<string, number>> = {
  'system-node-critical': 2_000_001_000,
  'system-cluster-critical': 2_000_000_000,
};

function validatePriorityClass(priorityClass: PriorityClass): FieldError[] {
  const errors: FieldError[] = [];
  const name = priorityClass.metadata?.name ?? '';
  if (name.startsWith('system-')) {
    const known = systemClasses[name] === priorityClass.value && !priorityClass.globalDefault;
    if (!known) {
      const text = "priority class names with 'system-' prefix are reserved for system use only";
      errors.push(forbiddenField('metadata.name', text));
    }
  } else if ((priorityClass.value ?? 0) > userPriorityMax) {
    errors.push(
      forbiddenField('value', `maximum allowed value of a user defined priority is ${userPriorityMax}`),
    );
  }
  const policies = ['PreemptLowerPriority', 'Never'];
  const policy = priorityClass.preemptionPolicy;
  if (policy !== undefined && !policies.includes(policy)) {
    errors.push(notSupported('preemptionPolicy', policy, policies));
  }
  return errors;
}
