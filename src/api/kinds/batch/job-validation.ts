/** Validation of a Job, and its immutable fields. */

import type { Container, Job, JobSpec, PodSpec, PodTemplateSpec } from '../../generated/types.gen.ts';
import { isConditionTrue } from '../../meta/conditions.ts';
import { deepEqual } from '../../schema/deep-equal.ts';
import { validateLabelSelector } from '../../selectors/validation.ts';
import { checkDomainPrefixedPath, checkImmutable, checkNonNegative } from '../../validation/field-checks.ts';
import {
  type FieldError,
  invalidValue,
  notSupported,
  required,
  tooLong,
} from '../../validation/field-error.ts';
import { internalText, shownSelector } from '../../validation/internal-form.ts';
import { byteLength, dns1123Label, fieldIsImmutable } from '../../validation/validators.ts';
import { checkSelectorIsKept, matcherOf, validateTemplateLabels } from '../apps/workload-validation.ts';
import { validatePodTemplate } from '../pods/validation/spec.ts';
import { validatePolicies } from './job-policies.ts';

const indexedParallelismMax = 100_000;
const failedIndexesMax = 100_000;
const manyCompletions = 100_000;
const manyCompletionsLimit = 10_000;

export function validateJob(job: Job): FieldError[] {
  return [
    ...validateGeneratedSelector(job),
    ...validateJobSpec(job.spec!, 'spec'),
    ...validateSelector(job.spec!),
    ...validateHostnames(job),
  ];
}

/** Hostnames of an indexed job's pods are its name and their index. */
function validateHostnames({ metadata, spec }: Job): FieldError[] {
  const { completionMode, completions = 0 } = spec!;
  if (completionMode !== 'Indexed' || completions <= 0) return [];
  const name = metadata?.name ?? '';
  const longest = `${name}-${completions - 1}`;
  if (dns1123Label(longest).length === 0) return [];
  const text = `will not able to create pod with invalid DNS label: ${longest}`;
  return [invalidValue('metadata.name', name, text)];
}

function validateGeneratedSelector(job: Job): FieldError[] {
  const spec = job.spec!;
  if (spec.manualSelector || !spec.selector) return [];
  const { uid = '', name = '' } = job.metadata ?? {};
  const errors = uid === '' ? [required('metadata.uid')] : [];
  const labels = spec.template?.metadata?.labels ?? {};
  const generated = {
    'controller-uid': uid,
    'job-name': name,
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
  };
  for (const [key, value] of Object.entries(generated)) {
    const field = `spec.template.metadata.labels[${key}]`;
    if (labels[key] === undefined) errors.push(required(field, `must be '${value}'`));
    else if (labels[key] !== value) errors.push(invalidValue(field, labels, `must be '${value}'`));
  }
  if (!matcherOf(spec.selector)(generated)) {
    errors.push(invalidValue('spec.selector', shownSelector(spec.selector), '`selector` not auto-generated'));
  }
  return errors;
}

function validateSelector(spec: JobSpec): FieldError[] {
  const errors = spec.selector
    ? validateLabelSelector(spec.selector, 'spec.selector')
    : [required('spec.selector')];
  return [...errors, ...validateTemplateLabels(spec.template ?? {}, matcherOf(spec.selector))];
}

const counts = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
] as const;
const managedByMaxBytes = 63;

/** The spec of a job, alone or inside a CronJob. */
export function validateJobSpec(spec: JobSpec, path: string): FieldError[] {
  const errors = counts.flatMap((key) => checkNonNegative(`${path}.${key}`, spec[key]));
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined) {
    errors.push(required(`${path}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified'));
  }
  if (spec.managedBy !== undefined) {
    errors.push(...checkDomainPrefixedPath(`${path}.managedBy`, spec.managedBy));
    if (byteLength(spec.managedBy) > managedByMaxBytes) {
      errors.push(tooLong(`${path}.managedBy`, managedByMaxBytes));
    }
  }
  errors.push(...validateCompletionMode(spec, path), ...validatePolicies(spec, path));
  if (!spec.template) return [...errors, required(`${path}.template`)];
  errors.push(...validatePodTemplate(spec.template, `${path}.template`));
  const restart = spec.template.spec?.restartPolicy;
  const at = `${path}.template.spec.restartPolicy`;
  if (restart === 'Always') errors.push(required(at, 'valid values: "OnFailure", "Never"'));
  else if (restart !== 'OnFailure' && restart !== 'Never') {
    errors.push(notSupported(at, restart ?? '', ['OnFailure', 'Never']));
  } else if (spec.podFailurePolicy && restart !== 'Never') {
    const text = 'only "Never" is supported when podFailurePolicy is specified';
    errors.push(invalidValue(at, restart, text));
  }
  return errors;
}

function validateCompletionMode(spec: JobSpec, path: string): FieldError[] {
  const mode = spec.completionMode;
  if (mode === undefined || mode === 'NonIndexed') {
    return (['backoffLimitPerIndex', 'maxFailedIndexes'] as const).flatMap((key) =>
      spec[key] === undefined
        ? []
        : [invalidValue(`${path}.${key}`, spec[key], 'requires indexed completion mode')],
    );
  }
  if (mode !== 'Indexed') return [notSupported(`${path}.completionMode`, mode, ['NonIndexed', 'Indexed'])];
  return [...validateIndexed(spec, path), ...validateManyIndexes(spec, path)];
}

function validateIndexed(spec: JobSpec, path: string): FieldError[] {
  const { completions, parallelism = 0, maxFailedIndexes = 0 } = spec;
  const errors: FieldError[] = [];
  if (completions === undefined) {
    errors.push(required(`${path}.completions`, 'when completion mode is Indexed'));
  }
  if (parallelism > indexedParallelismMax) {
    const text = `must be less than or equal to ${indexedParallelismMax} when completion mode is Indexed`;
    errors.push(invalidValue(`${path}.parallelism`, parallelism, text));
  }
  const at = `${path}.maxFailedIndexes`;
  if (completions !== undefined && maxFailedIndexes > completions) {
    errors.push(invalidValue(at, maxFailedIndexes, 'must be less than or equal to completions'));
  }
  if (maxFailedIndexes > failedIndexesMax) {
    errors.push(invalidValue(at, maxFailedIndexes, `must be less than or equal to ${failedIndexesMax}`));
  }
  return errors;
}

/** With very many indexes, the text of failed indexes must stay small. */
function validateManyIndexes(spec: JobSpec, path: string): FieldError[] {
  if ((spec.completions ?? 0) <= manyCompletions || spec.backoffLimitPerIndex === undefined) return [];
  const errors: FieldError[] = [];
  if (spec.maxFailedIndexes === undefined) {
    const text = `must be specified when completions is above ${manyCompletions}`;
    errors.push(required(`${path}.maxFailedIndexes`, text));
  }
  const text = `must be less than or equal to ${manyCompletionsLimit} when completions are above ${manyCompletions} and used with backoff limit per index`;
  for (const key of ['parallelism', 'maxFailedIndexes'] as const) {
    if ((spec[key] ?? 0) > manyCompletionsLimit) {
      errors.push(invalidValue(`${path}.${key}`, spec[key], text));
    }
  }
  return errors;
}

export function validateJobUpdate(job: Job, old: Job): FieldError[] {
  const [spec, before] = [job.spec!, old.spec!];
  const errors = [...validateJobSpec(spec, 'spec'), ...validateSelector(spec)];
  errors.push(...validateCompletions(spec, before));
  errors.push(...checkSelectorIsKept(spec.selector, before.selector));
  if (!spec.template) return errors;
  errors.push(...validateTemplateUpdate(spec.template, old));
  const keep = (key: (typeof immutableFields)[number]) => {
    if (deepEqual(spec[key], before[key])) return [];
    const kind = policyKinds[key];
    const shown = spec[key] && kind ? internalText(spec[key], kind) : spec[key];
    return [invalidValue(`spec.${key}`, shown, fieldIsImmutable)];
  };
  return [...errors, ...immutableFields.flatMap(keep)];
}

const immutableFields = [
  'completionMode',
  'podFailurePolicy',
  'backoffLimitPerIndex',
  'managedBy',
  'successPolicy',
] as const;

const policyKinds: Readonly<Record<string, string>> = {
  podFailurePolicy: 'batch.PodFailurePolicy',
  successPolicy: 'batch.SuccessPolicy',
};

/** The completions of an indexed job may change together with its parallelism. */
function validateCompletions(spec: JobSpec, old: JobSpec): FieldError[] {
  if (spec.completionMode !== 'Indexed' || spec.completions === old.completions) {
    return checkImmutable('spec.completions', spec.completions, old.completions);
  }
  if (spec.completions === spec.parallelism) return [];
  const text = `can only be modified in tandem with spec.parallelism`;
  return [invalidValue('spec.completions', spec.completions, text)];
}

const templateType = 'io.k8s.api.core.v1.PodTemplateSpec';
const podSpecType = 'io.k8s.api.core.v1.PodSpec';

function validateTemplateUpdate(template: PodTemplateSpec, old: Job): FieldError[] {
  const before = old.spec?.template;
  if (!before?.spec || !isTemplateMutable(old)) {
    const shown = internalText(template, 'PodTemplateSpec');
    return checkImmutable('spec.template', template, before, templateType).map((error) => ({
      ...error,
      value: shown,
    }));
  }
  const expected = withResources(withScheduling(before.spec, template.spec!), template.spec!);
  return checkImmutable('spec.template.spec', template.spec, expected, podSpecType).map((error) => ({
    ...error,
    value: internalText(template.spec, 'PodSpec'),
  }));
}

/** While it is suspended and no pod has been created from it, or none is left. */
function isTemplateMutable({ spec, status }: Job): boolean {
  const isSuspended = isConditionTrue(status, 'Suspended');
  return spec?.suspend === true && (!status?.startTime || isSuspended === true) && !status?.active;
}

/** The scheduling fields; with labels and annotations, which are then not compared. */
function withScheduling(
  before: PodSpec,
  { affinity, nodeSelector, tolerations, schedulingGates }: PodSpec,
): PodSpec {
  const { nodeAffinity: _, ...others } = before.affinity ?? {};
  const kept = affinity?.nodeAffinity ? { ...others, nodeAffinity: affinity.nodeAffinity } : others;
  const isCleared = affinity === undefined && Object.keys(kept).length === 0;
  return withoutUndefined({
    ...before,
    affinity: isCleared ? undefined : kept,
    nodeSelector,
    tolerations,
    schedulingGates,
  });
}

/** The requests of its containers, if they are the same containers. */
function withResources(before: PodSpec, now: PodSpec): PodSpec {
  return withoutUndefined({
    ...before,
    containers: takeResources(before.containers, now.containers),
    initContainers: takeResources(before.initContainers, now.initContainers),
  });
}

function takeResources<T extends Container[] | undefined>(before: T, now: T): T {
  if (!before || before.length !== now?.length) return before;
  return before.map((container, i) => {
    const other = now[i];
    return other?.name === container.name
      ? withoutUndefined({ ...container, resources: other.resources })
      : container;
  }) as T;
}

function withoutUndefined<T extends object>(object: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}
