/** How far one step may go: the autoscaler's bounds, and how fast the target may grow and shrink. */

import type { HPAScalingPolicy, HPAScalingRules } from '#api/generated/types.gen.ts';
import { changeIn, type ScaleEvent } from './memory.ts';

export interface Limited {
  readonly replicas: number;
  /** Of the condition ScalingLimited. */
  readonly reason: string;
  readonly message: string;
}

export interface Bounds {
  readonly current: number;
  readonly desired: number;
  readonly min: number;
  readonly max: number;
}

const tooFast = (direction: 'increasing' | 'decreasing') =>
  `the desired replica count is ${direction} faster than the maximum scale rate`;
const tooMany = 'the desired replica count is more than the maximum replica count';
const tooFew = 'the desired replica count is less than the minimum replica count';

const withinRange = (replicas: number): Limited => ({
  replicas,
  reason: 'DesiredWithinRange',
  message: 'the desired count is within the acceptable range',
});

/** Without a behavior, a target doubles at most, or grows to four: its usage may be a wrong report. */
const growthFactor = 2;
const growthMin = 4;

export function limitByBounds({ current, desired, min, max }: Bounds, factor = growthFactor): Limited {
  const growthMax = Math.max(factor * current, growthMin);
  if (desired < min) return { replicas: min, reason: 'TooFewReplicas', message: tooFew };
  if (desired <= Math.min(max, growthMax)) return withinRange(desired);
  return max > growthMax
    ? { replicas: growthMax, reason: 'ScaleUpLimit', message: tooFast('increasing') }
    : { replicas: max, reason: 'TooManyReplicas', message: tooMany };
}

export interface Rates {
  readonly scaleUp: HPAScalingRules;
  readonly scaleDown: HPAScalingRules;
  readonly ups: readonly ScaleEvent[];
  readonly downs: readonly ScaleEvent[];
  readonly nowMs: number;
}

export function limitByRates({ current, desired, min, max }: Bounds, rates: Rates): Limited {
  if (desired > current) {
    const rateMax = Math.max(current, upLimit(current, rates));
    const isRate = max > rateMax;
    const allowed = isRate ? rateMax : max;
    if (desired <= allowed) return withinRange(desired);
    return isRate
      ? { replicas: allowed, reason: 'ScaleUpLimit', message: tooFast('increasing') }
      : { replicas: allowed, reason: 'TooManyReplicas', message: tooMany };
  }
  if (desired < current) {
    const rateMin = Math.min(current, downLimit(current, rates));
    const isRate = min < rateMin;
    const allowed = isRate ? rateMin : min;
    if (desired >= allowed) return withinRange(desired);
    return isRate
      ? { replicas: allowed, reason: 'ScaleDownLimit', message: tooFast('decreasing') }
      : { replicas: allowed, reason: 'TooFewReplicas', message: tooFew };
  }
  return withinRange(desired);
}

function upLimit(current: number, rates: Rates): number {
  const { selectPolicy, policies = [] } = rates.scaleUp;
  if (selectPolicy === 'Disabled') return current;
  const proposed = policies.map((policy) => {
    const start = periodStart(current, policy, rates);
    // Rounded up: a small target would never grow.
    return policy.type === 'Pods' ? start + policy.value : Math.ceil(start * (1 + policy.value / 100));
  });
  return selectPolicy === 'Min' ? Math.min(...proposed) : Math.max(...proposed);
}

function downLimit(current: number, rates: Rates): number {
  const { selectPolicy, policies = [] } = rates.scaleDown;
  if (selectPolicy === 'Disabled') return current;
  const proposed = policies.map((policy) => {
    const start = periodStart(current, policy, rates);
    return policy.type === 'Pods' ? start - policy.value : Math.trunc(start * (1 - policy.value / 100));
  });
  return selectPolicy === 'Min' ? Math.max(...proposed) : Math.min(...proposed);
}

/** The replicas that the target had when the policy's period began. */
function periodStart(
  current: number,
  { periodSeconds }: HPAScalingPolicy,
  { ups, downs, nowMs }: Rates,
): number {
  return current - changeIn(ups, periodSeconds, nowMs) + changeIn(downs, periodSeconds, nowMs);
}
