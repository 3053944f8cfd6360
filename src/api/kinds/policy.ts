/** PodDisruptionBudget, PriorityClass, ResourceQuota and LimitRange: what limits whom. */

import { type FieldError, forbiddenField, invalidValue, notSupported } from '../field-error.ts';
import { parseQuantity } from '../quantity.ts';
import { validateLabelSelector } from '../selector-validation.ts';
import type { Strategy } from '../strategy.ts';
import type {
  LimitRange,
  LimitRangeItem,
  PodDisruptionBudget,
  PriorityClass,
  ResourceQuota,
} from '../types.gen.ts';
import { mustBeNonNegative } from '../validators.ts';
import { dropStatus, keepStatus } from './status-handling.ts';
import { checkIntOrPercent, checkNotMoreThan100Percent, validateCounts } from './workload-validation.ts';

export const podDisruptionBudget: Strategy<PodDisruptionBudget> = {
  hasGeneration: true,
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

export const resourceQuota: Strategy<ResourceQuota> = {
  hasGeneration: false,
  prepareForCreate: dropStatus,
  prepareForUpdate: keepStatus,
  validate: ({ spec }) =>
    Object.entries(spec?.hard ?? {}).flatMap(([name, amount]) => {
      const quantity = parseQuantity(amount);
      return quantity.sign() < 0
        ? [invalidValue(`spec.hard[${name}]`, String(quantity), mustBeNonNegative)]
        : [];
    }),
};

export const limitRange: Strategy<LimitRange> = {
  hasGeneration: false,
  setDefaults(range) {
    for (const item of range.spec?.limits ?? []) {
      if (item.type !== 'Container') continue;
      // Limits default to the most allowed, requests to the limits, else to the least allowed.
      const limits = { ...item.max, ...item.default };
      const requests = { ...item.min, ...limits, ...item.defaultRequest };
      if (Object.keys(limits).length > 0) item.default = limits;
      if (Object.keys(requests).length > 0) item.defaultRequest = requests;
    }
  },
  validate: ({ spec }) => (spec?.limits ?? []).flatMap((item, i) => validateItem(item, `spec.limits[${i}]`)),
};

/** Least ≤ default request ≤ default ≤ most, each where it is said. */
function validateItem(item: LimitRangeItem, path: string): FieldError[] {
  const names = new Set(
    [item.min, item.max, item.default, item.defaultRequest].flatMap((one) => Object.keys(one ?? {})),
  );
  return [...names].flatMap((name) => {
    const errors: FieldError[] = [];
    const notAbove = (
      low: 'min' | 'defaultRequest' | 'default',
      high: 'defaultRequest' | 'default' | 'max',
      at: string,
      text: (a: string, b: string) => string,
    ) => {
      const [a, b] = [item[low]?.[name], item[high]?.[name]];
      if (a === undefined || b === undefined || parseQuantity(a).compare(parseQuantity(b)) <= 0) return;
      const [left, right] = [String(parseQuantity(a)), String(parseQuantity(b))];
      errors.push(invalidValue(`${path}.${at}[${name}]`, at === low ? left : right, text(left, right)));
    };
    notAbove('min', 'max', 'min', (a, b) => `min value ${a} is greater than max value ${b}`);
    notAbove(
      'min',
      'defaultRequest',
      'defaultRequest',
      (a, b) => `min value ${a} is greater than default request value ${b}`,
    );
    notAbove(
      'defaultRequest',
      'max',
      'defaultRequest',
      (a, b) => `default request value ${a} is greater than max value ${b}`,
    );
    notAbove(
      'defaultRequest',
      'default',
      'defaultRequest',
      (a, b) => `default request value ${a} is greater than default limit value ${b}`,
    );
    notAbove('min', 'default', 'default', (a, b) => `min value ${a} is greater than default value ${b}`);
    notAbove('default', 'max', 'default', (a, b) => `default value ${a} is greater than max value ${b}`);
    return errors;
  });
}
