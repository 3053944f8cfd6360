/** PodDisruptionBudget, PriorityClass, ResourceQuota and LimitRange: what limits whom. */

import type { Strategy } from '../strategy.ts';
import type { LimitRange, PodDisruptionBudget, PriorityClass, ResourceQuota } from '../types.gen.ts';
import { dropStatus, keepStatus } from './status-handling.ts';

export const podDisruptionBudget: Strategy<PodDisruptionBudget> = {
  hasGeneration: true,
  prepareForCreate(budget) {
    budget.status = { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };
  },
  prepareForUpdate: keepStatus,
};

export const priorityClass: Strategy<PriorityClass> = {
  hasGeneration: true,
  setDefaults(priorityClass) {
    priorityClass.preemptionPolicy ??= 'PreemptLowerPriority';
    priorityClass.value ??= 0;
  },
};

export const resourceQuota: Strategy<ResourceQuota> = {
  hasGeneration: false,
  prepareForCreate: dropStatus,
  prepareForUpdate: keepStatus,
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
};
