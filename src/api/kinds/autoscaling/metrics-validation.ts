/**
 * Validation of the metrics of a HorizontalPodAutoscaler (autoscaling/v2): each has one source, the one of
 * its type.
 */

import { ownValue } from '#base/own-value.ts';
import type {
  ContainerResourceMetricSource,
  CrossVersionObjectReference,
  ExternalMetricSource,
  MetricIdentifier,
  MetricSpec,
  MetricTarget,
  ObjectMetricSource,
  PodsMetricSource,
  ResourceMetricSource,
} from '../../generated/types.gen.ts';
import { checkField } from '../../validation/field-checks.ts';
import {
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
} from '../../validation/field-error.ts';
import { dns1123Label, pathSegmentName } from '../../validation/validators.ts';
import { parseQuantity } from '../../values/quantity.ts';
import { checkContainerResourceName } from '../pods/validation/resources/names.ts';

/** `old`: the metrics before; their invalid references may stay. */
export function validateMetrics(
  metrics: readonly MetricSpec[],
  minReplicas: number | undefined,
  old: readonly MetricSpec[] = [],
): FieldError[] {
  const wasWrong = old.some(
    ({ type, object }) => type === 'Object' && object && versionProblem(object.describedObject, 'wellFormed'),
  );
  const rule = wasWrong ? 'any' : 'wellFormed';
  const errors = metrics.flatMap((metric, i) => validateMetric(metric, rule, `spec.metrics[${i}]`));
  // Without pods, a metric of pods cannot be measured.
  if (minReplicas === 0 && !metrics.some(({ type }) => type === 'Object' || type === 'External')) {
    const text = 'must specify at least one Object or External metric to support scaling to zero replicas';
    errors.push(forbiddenField('spec.metrics', text));
  }
  return errors;
}

type SourceName = Exclude<keyof MetricSpec, 'type'>;

const sourceOfType: Readonly<Record<string, SourceName>> = {
  ContainerResource: 'containerResource',
  External: 'external',
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
};
const types = Object.keys(sourceOfType);

/** In upstream's order of validation. */
const sourceNames: readonly SourceName[] = ['object', 'external', 'pods', 'resource', 'containerResource'];

function validateMetric(metric: MetricSpec, rule: VersionRule, path: string): FieldError[] {
  const type = metric.type ?? '';
  const expected = ownValue(sourceOfType, type);
  const unsupported = expected ? [] : [notSupported(`${path}.type`, type, types)];
  const errors = [
    ...(type ? [] : [required(`${path}.type`, 'must specify a metric source type')]),
    ...unsupported,
  ];
  const given = sourceNames.filter((name) => metric[name]);
  // Of several sources the first is validated, whatever the type.
  if (given.length > 0) errors.push(...validateSource(metric, given[0]!, rule, `${path}.${given[0]}`));
  if (!expected) errors.push(...unsupported);
  else if (!metric[expected]) {
    errors.push(required(`${path}.${expected}`, 'must populate information for the given metric source'));
  }
  if (given.length === 1) return errors;
  for (const name of given) {
    if (name === expected) continue;
    errors.push(forbiddenField(`${path}.${name}`, 'must populate the given metric source only'));
  }
  return errors;
}

function validateSource(metric: MetricSpec, name: SourceName, rule: VersionRule, path: string): FieldError[] {
  switch (name) {
    case 'object':
      return validateObject(metric.object!, rule, path);
    case 'external':
      return validateExternal(metric.external!, path);
    case 'pods':
      return validatePods(metric.pods!, path);
    case 'resource':
      return validateResource(metric.resource!, path);
    case 'containerResource':
      return validateContainerResource(metric.containerResource!, path);
  }
}

function validateObject(
  { describedObject, metric, target }: ObjectMetricSource,
  rule: VersionRule,
  path: string,
): FieldError[] {
  const errors = [
    ...validateReference(describedObject, rule, `${path}.describedObject`),
    ...validateIdentifier(metric, `${path}.metric`),
    ...validateTarget(target, `${path}.target`),
  ];
  if (target?.value === undefined && target?.averageValue === undefined) {
    errors.push(required(`${path}.target.averageValue`, 'must set either a target value or averageValue'));
  }
  return errors;
}

function validateExternal({ metric, target }: ExternalMetricSource, path: string): FieldError[] {
  const errors = [
    ...validateIdentifier(metric, `${path}.metric`),
    ...validateTarget(target, `${path}.target`),
  ];
  const [hasValue, hasAverage] = [target?.value !== undefined, target?.averageValue !== undefined];
  if (!hasValue && !hasAverage) {
    const text = 'must set either a target value for metric or a per-pod target';
    errors.push(required(`${path}.target.averageValue`, text));
  }
  if (hasValue && hasAverage) {
    const text = 'may not set both a target value for metric and a per-pod target';
    errors.push(forbiddenField(`${path}.target.value`, text));
  }
  return errors;
}

function validatePods({ metric, target }: PodsMetricSource, path: string): FieldError[] {
  const errors = [
    ...validateIdentifier(metric, `${path}.metric`),
    ...validateTarget(target, `${path}.target`),
  ];
  if (target?.averageValue === undefined) {
    errors.push(required(`${path}.target.averageValue`, 'must specify a positive target averageValue'));
  }
  return errors;
}

function validateResource({ name, target }: ResourceMetricSource, path: string): FieldError[] {
  const errors = name ? [] : [required(`${path}.name`, 'must specify a resource name')];
  return [...errors, ...validateResourceTarget(target, `${path}.target`)];
}

function validateContainerResource(source: ContainerResourceMetricSource, path: string): FieldError[] {
  const { name, container, target } = source;
  return [
    ...(name
      ? checkContainerResourceName(name, `${path}.name`)
      : [required(`${path}.name`, 'must specify a resource name')]),
    ...(container
      ? checkField(`${path}.container`, container, dns1123Label)
      : [required(`${path}.container`, 'must specify a container')]),
    ...validateResourceTarget(target, `${path}.target`),
  ];
}

function validateResourceTarget(target: MetricTarget | undefined, path: string): FieldError[] {
  const errors = validateTarget(target, path);
  const hasUtilization = target?.averageUtilization !== undefined;
  const hasValue = target?.averageValue !== undefined;
  if (!hasUtilization && !hasValue) {
    const text = 'must set either a target raw value or a target utilization';
    errors.push(required(`${path}.averageUtilization`, text));
  }
  if (hasUtilization && hasValue) {
    const text = 'may not set both a target raw value and a target utilization';
    errors.push(forbiddenField(`${path}.averageValue`, text));
  }
  return errors;
}

/** Requirements on a reference's apiVersion: none; a valid group and version or none; with a group. */
export type VersionRule = 'any' | 'wellFormed' | 'withGroup';

/** Also used for the scaled object. */
export function validateReference(
  reference: Partial<CrossVersionObjectReference> | undefined,
  rule: VersionRule,
  path: string,
): FieldError[] {
  const errors = (['kind', 'name'] as const).flatMap((key) => {
    const value = reference?.[key];
    return value ? checkField(`${path}.${key}`, value, pathSegmentName) : [required(`${path}.${key}`)];
  });
  const wrong = versionProblem(reference, rule);
  if (wrong) errors.push(invalidValue(`${path}.apiVersion`, reference?.apiVersion ?? '', wrong));
  return errors;
}

function versionProblem(
  reference: Partial<CrossVersionObjectReference> | undefined,
  rule: VersionRule,
): string | undefined {
  if (rule === 'any') return undefined;
  const text = reference?.apiVersion ?? '';
  const slashes = text.split('/').length - 1;
  if (slashes > 1) return `unexpected GroupVersion string: ${text}`;
  const hasGroup = slashes === 1 && !text.startsWith('/');
  return rule === 'withGroup' && !hasGroup ? 'apiVersion must specify API group' : undefined;
}

function validateIdentifier(metric: MetricIdentifier | undefined, path: string): FieldError[] {
  if (!metric?.name) return [required(`${path}.name`, 'must specify a metric name')];
  return checkField(`${path}.name`, metric.name, pathSegmentName);
}

const targetTypes = ['AverageValue', 'Utilization', 'Value'];

function validateTarget(target: Partial<MetricTarget> = {}, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!target.type) errors.push(required(`${path}.type`, 'must specify a metric target type'));
  if (!targetTypes.includes(target.type ?? '')) {
    const text = 'must be either Utilization, Value, or AverageValue';
    errors.push(invalidValue(`${path}.type`, target.type ?? '', text));
  }
  for (const key of ['value', 'averageValue'] as const) {
    const amount = target[key] === undefined ? undefined : parseQuantity(target[key]);
    if (amount && amount.sign() <= 0) {
      errors.push(invalidValue(`${path}.${key}`, String(amount), 'must be positive'));
    }
  }
  const utilization = target.averageUtilization;
  if (utilization !== undefined && utilization < 1) {
    errors.push(invalidValue(`${path}.averageUtilization`, utilization, 'must be greater than 0'));
  }
  return errors;
}
