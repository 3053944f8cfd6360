/** What a HorizontalPodAutoscaler (autoscaling/v2) must fulfil. */

import { checkField, checkNonNegative, checkOneOfIfGiven } from '../field-checks.ts';
import { type FieldError, forbiddenField, invalidValue, notSupported, required } from '../field-error.ts';
import { parseQuantity } from '../quantity.ts';
import type { HorizontalPodAutoscaler, HPAScalingRules, MetricSpec, MetricTarget } from '../types.gen.ts';
import { pathSegmentName } from '../validators.ts';

export function validateAutoscaler({ spec }: HorizontalPodAutoscaler): FieldError[] {
  const { minReplicas, maxReplicas = 0, scaleTargetRef, metrics = [], behavior } = spec ?? {};
  const errors: FieldError[] = [];
  if (minReplicas !== undefined && minReplicas < 1) {
    errors.push(invalidValue('spec.minReplicas', minReplicas, 'must be greater than or equal to 1'));
  }
  if (maxReplicas < 1) errors.push(invalidValue('spec.maxReplicas', maxReplicas, 'must be greater than 0'));
  if (minReplicas !== undefined && maxReplicas < minReplicas) {
    const text = 'must be greater than or equal to `minReplicas`';
    errors.push(invalidValue('spec.maxReplicas', maxReplicas, text));
  }
  for (const key of ['kind', 'name'] as const) {
    const value = scaleTargetRef?.[key];
    const field = `spec.scaleTargetRef.${key}`;
    errors.push(...(value ? checkField(field, value, pathSegmentName) : [required(field)]));
  }
  for (const [i, metric] of metrics.entries()) errors.push(...validateMetric(metric, `spec.metrics[${i}]`));
  return [
    ...errors,
    ...validateRules(behavior?.scaleUp, 'spec.behavior.scaleUp'),
    ...validateRules(behavior?.scaleDown, 'spec.behavior.scaleDown'),
  ];
}

export function validateAutoscalerStatus({ status }: HorizontalPodAutoscaler): FieldError[] {
  return [
    ...checkNonNegative('status.currentReplicas', status?.currentReplicas),
    ...checkNonNegative('status.desiredReplicas', status?.desiredReplicas),
  ];
}

const sources: Readonly<Record<string, Exclude<keyof MetricSpec, 'type'>>> = {
  ContainerResource: 'containerResource',
  External: 'external',
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
};

function validateMetric(metric: MetricSpec, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!metric.type) errors.push(required(`${path}.type`, 'must specify a metric source type'));
  const expected = sources[metric.type];
  if (!expected) return [...errors, notSupported(`${path}.type`, metric.type ?? '', Object.keys(sources))];
  if (!metric[expected]) {
    errors.push(required(`${path}.${expected}`, 'must populate information for the given metric source'));
  }
  for (const source of Object.values(sources)) {
    if (!metric[source] || source === expected) continue;
    errors.push(forbiddenField(`${path}.${source}`, 'must populate the given metric source only'));
  }
  const { resource, containerResource } = metric;
  for (const [key, one] of Object.entries({ resource, containerResource })) {
    if (one && !one.name) errors.push(required(`${path}.${key}.name`, 'must specify a resource name'));
  }
  const source = metric[expected];
  return source ? [...errors, ...validateTarget(source.target ?? {}, `${path}.${expected}.target`)] : errors;
}

const targetTypes = ['AverageValue', 'Utilization', 'Value'];

function validateTarget(target: Partial<MetricTarget>, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!target.type) errors.push(required(`${path}.type`, 'must specify a metric target type'));
  if (!targetTypes.includes(target.type ?? '')) {
    errors.push(
      invalidValue(`${path}.type`, target.type ?? '', 'must be either Utilization, Value, or AverageValue'),
    );
  }
  for (const key of ['value', 'averageValue'] as const) {
    const amount = target[key];
    if (amount !== undefined && parseQuantity(amount).sign() <= 0) {
      errors.push(invalidValue(`${path}.${key}`, amount, 'must be positive'));
    }
  }
  if (target.averageUtilization !== undefined && target.averageUtilization < 1) {
    errors.push(
      invalidValue(`${path}.averageUtilization`, target.averageUtilization, 'must be greater than 0'),
    );
  }
  return errors;
}

const windowMaxSeconds = 3600;
const periodMaxSeconds = 1800;
const selections = ['Disabled', 'Max', 'Min'];

function validateRules(rules: HPAScalingRules | undefined, path: string): FieldError[] {
  if (!rules) return [];
  const window = rules.stabilizationWindowSeconds;
  const field = `${path}.stabilizationWindowSeconds`;
  const errors = checkNonNegative(field, window);
  if ((window ?? 0) > windowMaxSeconds) {
    errors.push(invalidValue(field, window, `must be less than or equal to ${windowMaxSeconds}`));
  }
  errors.push(...checkOneOfIfGiven(`${path}.selectPolicy`, rules.selectPolicy, selections));
  if (!rules.policies?.length) errors.push(required(`${path}.policies`, 'must specify at least one Policy'));
  for (const [i, policy] of (rules.policies ?? []).entries()) {
    const at = `${path}.policies[${i}]`;
    if (policy.type !== 'Pods' && policy.type !== 'Percent') {
      errors.push(notSupported(`${at}.type`, policy.type, ['Percent', 'Pods']));
    }
    if (policy.value <= 0)
      errors.push(invalidValue(`${at}.value`, policy.value, 'must be greater than zero'));
    if (policy.periodSeconds <= 0) {
      errors.push(invalidValue(`${at}.periodSeconds`, policy.periodSeconds, 'must be greater than zero'));
    } else if (policy.periodSeconds > periodMaxSeconds) {
      const text = `must be less than or equal to ${periodMaxSeconds}`;
      errors.push(invalidValue(`${at}.periodSeconds`, policy.periodSeconds, text));
    }
  }
  return errors;
}
