/** Validation of HorizontalPodAutoscaler (autoscaling/v2): bounds, target reference, and behavior. */

import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerSpec,
  HPAScalingPolicy,
  HPAScalingRules,
} from '../../generated/types.gen.ts';
import { checkNonNegative, checkOneOfIfGiven } from '../../validation/field-checks.ts';
import { type FieldError, invalidValue, notSupported, required } from '../../validation/field-error.ts';
import { mustBeNonNegative, mustBePositive } from '../../validation/validators.ts';
import { parseQuantity } from '../../values/quantity.ts';
import { type VersionRule, validateMetrics, validateReference } from './metrics-validation.ts';

/** Of `minReplicas`: 0 with the feature gate HPAScaleToZero. */
export type LowestReplicas = 0 | 1;

export function validateAutoscaler(
  { spec }: HorizontalPodAutoscaler,
  lowestOfNew: LowestReplicas,
  old?: HorizontalPodAutoscaler,
): FieldError[] {
  const { minReplicas, maxReplicas = 0, scaleTargetRef, metrics = [], behavior } = spec ?? {};
  // An object that has 0 keeps it.
  const lowest = old?.spec?.minReplicas === 0 ? 0 : lowestOfNew;
  const errors: FieldError[] = [];
  if (minReplicas !== undefined && minReplicas < lowest) {
    const text = `must be greater than or equal to ${lowest}`;
    errors.push(invalidValue('spec.minReplicas', minReplicas, text));
  }
  if (maxReplicas === 0) errors.push(required('spec.maxReplicas', 'must be set and greater than 0'));
  if (maxReplicas < 0) {
    errors.push(invalidValue('spec.maxReplicas', maxReplicas, 'must be greater than or equal to 1'));
  }
  if (minReplicas !== undefined && maxReplicas < minReplicas) {
    const text = 'must be greater than or equal to `minReplicas`';
    errors.push(invalidValue('spec.maxReplicas', maxReplicas, text));
  }
  return [
    ...errors,
    ...validateReference(scaleTargetRef, versionRuleOf(spec, old?.spec), 'spec.scaleTargetRef'),
    ...validateMetrics(metrics, minReplicas, old?.spec?.metrics),
    ...validateRules(behavior?.scaleUp, 'spec.behavior.scaleUp'),
    ...validateRules(behavior?.scaleDown, 'spec.behavior.scaleDown'),
  ];
}

/** Scalable kinds have a group, except one of the core group; references from before that rule may stay. */
function versionRuleOf(
  spec: HorizontalPodAutoscalerSpec | undefined,
  old: HorizontalPodAutoscalerSpec | undefined,
): VersionRule {
  const [now, before] = [spec?.scaleTargetRef, old?.scaleTargetRef];
  if (before && now?.kind === before.kind && now?.apiVersion === before.apiVersion) return 'any';
  return now?.kind === 'ReplicationController' ? 'wellFormed' : 'withGroup';
}

export function validateAutoscalerStatus({ status }: HorizontalPodAutoscaler): FieldError[] {
  return [
    ...checkNonNegative('status.currentReplicas', status?.currentReplicas),
    ...checkNonNegative('status.desiredReplicas', status?.desiredReplicas),
  ];
}

const windowMaxSeconds = 3600;
const periodMaxSeconds = 1800;
const selections = ['Disabled', 'Max', 'Min'];

function validateRules(rules: HPAScalingRules | undefined, path: string): FieldError[] {
  if (!rules) return [];
  const window = rules.stabilizationWindowSeconds ?? 0;
  const field = `${path}.stabilizationWindowSeconds`;
  const errors: FieldError[] = [];
  if (window < 0) errors.push(invalidValue(field, window, 'must be greater than or equal to zero'));
  if (window > windowMaxSeconds) {
    errors.push(invalidValue(field, window, `must be less than or equal to ${windowMaxSeconds}`));
  }
  errors.push(...checkOneOfIfGiven(`${path}.selectPolicy`, rules.selectPolicy, selections));
  const policies = rules.policies ?? [];
  if (policies.length === 0) errors.push(required(`${path}.policies`, 'must specify at least one Policy'));
  errors.push(...policies.flatMap((policy, i) => validatePolicy(policy, `${path}.policies[${i}]`)));
  const tolerance = rules.tolerance === undefined ? undefined : parseQuantity(rules.tolerance);
  if (tolerance && tolerance.sign() < 0) {
    errors.push(invalidValue(`${path}.tolerance`, String(tolerance), mustBeNonNegative));
  }
  return errors;
}

function validatePolicy({ type, value, periodSeconds }: HPAScalingPolicy, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (type !== 'Pods' && type !== 'Percent') {
    errors.push(notSupported(`${path}.type`, type ?? '', ['Percent', 'Pods']));
  }
  if ((value ?? 0) <= 0) errors.push(invalidValue(`${path}.value`, value ?? 0, mustBePositive));
  const period = periodSeconds ?? 0;
  if (period <= 0) errors.push(invalidValue(`${path}.periodSeconds`, period, mustBePositive));
  if (period > periodMaxSeconds) {
    const text = `must be less than or equal to ${periodMaxSeconds}`;
    errors.push(invalidValue(`${path}.periodSeconds`, period, text));
  }
  return errors;
}
