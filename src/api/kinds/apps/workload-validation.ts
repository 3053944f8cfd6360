/** Validation that the workload kinds share: selector, template, counts, percentages. */

import type { LabelSelector, PodTemplateSpec, ReplicaSetStatus } from '../../generated/types.gen.ts';
import { deepEqual } from '../../schema/deep-equal.ts';
import { selectorFromLabelSelector } from '../../selectors/selector.ts';
import { isEmptySelector, validateLabelSelector } from '../../selectors/validation.ts';
import { checkNonNegative } from '../../validation/field-checks.ts';
import {
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
} from '../../validation/field-error.ts';
import { shownSelector } from '../../validation/internal-form.ts';
import { fieldIsImmutable, percent } from '../../validation/validators.ts';
import { validatePodTemplate } from '../pods/validation/spec.ts';

type LabelTest = (labels: Record<string, string>) => boolean;

/** A selector that is required and must not be empty. */
export function validateOwnSelector(selector: LabelSelector | undefined, emptyText: string): FieldError[] {
  if (!selector) return [required('spec.selector')];
  const errors = validateLabelSelector(selector, 'spec.selector');
  if (isEmptySelector(selector)) {
    errors.push(invalidValue('spec.selector', shownSelector(selector), emptyText));
  }
  return errors;
}

/**
 * For an owner with a required selector: an invalid selector is reported and the template is then not
 * validated.
 */
export function validateSelectorAndTemplate(
  { selector, template }: { selector?: LabelSelector; template?: PodTemplateSpec },
  emptyText: string,
): FieldError[] {
  const errors = validateOwnSelector(selector, emptyText);
  if (validateLabelSelector(selector, '').length > 0) {
    return [
      ...errors,
      invalidValue('spec.selector', selector && shownSelector(selector), 'invalid label selector'),
    ];
  }
  return [...errors, ...validateOwnTemplate(template, matcherOf(selector), 'ReplicaSet')];
}

/** The labels of a template must match its owner's selector. */
export function validateOwnTemplate(
  template: PodTemplateSpec | undefined,
  matches: LabelTest,
  kind: string,
): FieldError[] {
  if (!template) return [required('spec.template')];
  return [
    ...validateTemplateLabels(template, matches),
    ...validatePodTemplate(template, 'spec.template'),
    ...validateAlwaysRestarts(template, kind),
  ];
}

export function validateTemplateLabels(template: PodTemplateSpec, matches: LabelTest): FieldError[] {
  const labels = template.metadata?.labels;
  if (matches(labels ?? {})) return [];
  const text = '`selector` does not match template `labels`';
  return [invalidValue('spec.template.metadata.labels', labels, text)];
}

export function validateAlwaysRestarts(template: PodTemplateSpec, kind: string): FieldError[] {
  const errors: FieldError[] = [];
  const policy = template.spec?.restartPolicy;
  if (policy !== 'Always') {
    errors.push(notSupported('spec.template.spec.restartPolicy', policy ?? '', ['Always']));
  }
  if (template.spec?.activeDeadlineSeconds !== undefined) {
    const text = `activeDeadlineSeconds in ${kind} is not Supported`;
    errors.push(forbiddenField('spec.template.spec.activeDeadlineSeconds', text));
  }
  return errors;
}

/**
 * Whether the selector matches labels: an absent one matches nothing; an empty or invalid one is reported
 * elsewhere.
 */
export function matcherOf(selector: LabelSelector | undefined): LabelTest {
  if (!selector) return () => false;
  if (isEmptySelector(selector)) return () => true;
  if (validateLabelSelector(selector, '').length > 0) return () => true;
  const parsed = selectorFromLabelSelector(selector);
  return (labels) => parsed.matches(labels);
}

export function checkIntOrPercent(field: string, value: number | string | undefined): FieldError[] {
  if (typeof value === 'string') return percent(value).map((text) => invalidValue(field, value, text));
  return checkNonNegative(field, value);
}

export function checkNotMoreThan100Percent(field: string, value: number | string | undefined): FieldError[] {
  if (typeof value !== 'string' || Number.parseInt(value, 10) <= 100) return [];
  return percent(value).length > 0 ? [] : [invalidValue(field, value, 'must not be greater than 100%')];
}

/** `0` and `0%`, and text that is neither a number nor a percentage. */
export function isZeroIntOrPercent(value: number | string | undefined): boolean {
  if (typeof value !== 'string') return (value ?? 0) === 0;
  return !/^[0-9]+%$|^[+-]?[0-9]+$/.test(value) || Number.parseInt(value, 10) === 0;
}

type Amount = number | string;

interface RollingStrategy {
  readonly type?: string;
  readonly rollingUpdate?: { readonly maxUnavailable?: Amount; readonly maxSurge?: Amount };
}

/** As upstream's internal type prints. */
export function internalStrategy({ type, rollingUpdate }: RollingStrategy = {}): object {
  const { maxUnavailable: MaxUnavailable = 0, maxSurge: MaxSurge = 0 } = rollingUpdate ?? {};
  return { Type: type, RollingUpdate: rollingUpdate ? { MaxUnavailable, MaxSurge } : null };
}

type Counts<Key extends string> = { readonly [key in Key]?: number };

/** Counts must not be negative, and none of `parts` greater than the whole. */
export function validateCounts<Key extends string>(
  status: Counts<Key>,
  counts: readonly Key[],
  parts: readonly NoInfer<Key>[] = [],
  readyField = 'readyReplicas',
): FieldError[] {
  const countOf = (key: string) => (status as Counts<string>)[key] ?? 0;
  const errors = counts.flatMap((key) => checkNonNegative(`status.${key}`, countOf(key)));
  for (const key of parts) {
    if (countOf(key) > countOf('replicas')) {
      errors.push(invalidValue(`status.${key}`, countOf(key), 'cannot be greater than status.replicas'));
    }
  }
  const available = parts.some((key) => key === 'availableReplicas') ? countOf('availableReplicas') : 0;
  if (available > countOf('readyReplicas')) {
    const text = `cannot be greater than ${readyField}`;
    errors.push(invalidValue('status.availableReplicas', available, text));
  }
  return errors;
}

/** The counts of ReplicaSets and ReplicationControllers. */
export function validateReplicaCounts(status: ReplicaSetStatus = { replicas: 0 }): FieldError[] {
  const parts = ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'] as const;
  return validateCounts(status, ['replicas', ...parts, 'observedGeneration'], parts);
}

/** The collision count must not decrease: names made from it must stay unique. */
export function checkNotDecremented(now: number | undefined, before: number | undefined): FieldError[] {
  if (before === undefined || (now ?? -1) >= before) return [];
  return [invalidValue('status.collisionCount', now ?? 0, 'cannot be decremented')];
}

export function checkSelectorIsKept(
  selector: LabelSelector | undefined,
  old: LabelSelector | undefined,
): FieldError[] {
  if (deepEqual(selector, old, 'io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector')) return [];
  return [invalidValue('spec.selector', selector && shownSelector(selector), fieldIsImmutable)];
}
