/** What a Job's status may say, and how it may change: upstream's rules, in its order. */

import type { JobSpec, JobStatus } from '../../generated/types.gen.ts';
import { conditionOf, isConditionTrue } from '../../meta/conditions.ts';
import { type FieldError, invalidValue, required } from '../../validation/field-error.ts';
import { internalText } from '../../validation/internal-form.ts';
import { fieldIsImmutable } from '../../validation/validators.ts';
import { countIndexes, IndexesError, sharedIndex } from './job-indexes.ts';
import type { JobStatusView, Watched } from './job-status-view.ts';

interface JobStatusRule {
  /** Checked if one of these changes. Default: always. */
  readonly about?: readonly Watched[];
  wrong(view: JobStatusView): FieldError | undefined;
}

const conditions = (isWrong: boolean, text: string): FieldError | undefined =>
  isWrong
    ? { type: 'FieldValueInvalid', field: 'status.conditions', detail: text, omitsValue: true }
    : undefined;
const invalid = (isWrong: boolean, key: keyof JobStatus, value: unknown, text: string) =>
  isWrong ? invalidValue(`status.${key}`, value, text) : undefined;
const missing = (isWrong: boolean, key: keyof JobStatus, text: string) =>
  isWrong ? required(`status.${key}`, text) : undefined;

/** In upstream's order. */
export const jobStatusRules: readonly JobStatusRule[] = [
  {
    about: ['Complete', 'Failed'],
    wrong: ({ is }) =>
      conditions(is.Complete && is.Failed, 'cannot set Complete=True and Failed=true conditions'),
  },
  {
    about: ['Complete', 'FailureTarget'],
    wrong: ({ is }) =>
      conditions(
        is.Complete && is.FailureTarget,
        'cannot set Complete=True and FailureTarget=true conditions',
      ),
  },
  {
    about: ['Complete', 'completionTime'],
    wrong: ({ is, now: { completionTime } }) => {
      const text = 'cannot set completionTime when there is no Complete=True condition';
      return invalid(!is.Complete && completionTime !== undefined, 'completionTime', completionTime, text);
    },
  },
  {
    about: ['Complete', 'completionTime'],
    wrong: ({ is, now: { completionTime } }) =>
      missing(
        is.Complete && completionTime === undefined,
        'completionTime',
        'completionTime is required for Complete jobs',
      ),
  },
  {
    about: ['startTime', 'completionTime'],
    wrong: ({ now: { startTime, completionTime } }) => {
      const isBefore = Date.parse(completionTime ?? '') < Date.parse(startTime ?? '');
      return invalid(isBefore, 'completionTime', completionTime, 'must be equal to or after `startTime`');
    },
  },
  {
    about: ['Failed', 'failedIndexes'],
    wrong: ({ is }) =>
      conditions(
        is.Failed && !is.FailureTarget,
        'cannot set Failed=True condition without the FailureTarget=true condition',
      ),
  },
  {
    about: ['Complete', 'SuccessCriteriaMet'],
    wrong: ({ is }) =>
      conditions(
        is.Complete && !is.SuccessCriteriaMet,
        'cannot set Complete=True condition without the SuccessCriteriaMet=true condition',
      ),
  },
  {
    about: ['Finished', 'active'],
    wrong: ({ is, now: { active = 0 } }) =>
      invalid(active > 0 && is.Finished, 'active', active, 'active>0 is invalid for finished job'),
  },
  {
    about: ['Finished', 'startTime'],
    wrong: ({ is, spec, now: { startTime } }) =>
      missing(
        is.Finished && startTime === undefined && !(spec.suspend === true && spec.completions === 0),
        'startTime',
        'startTime is required for finished job',
      ),
  },
  {
    about: ['Finished', 'uncountedTerminatedPods'],
    wrong: ({ is, now: { uncountedTerminatedPods: pods } }) => {
      const isAny = (pods?.failed ?? []).length + (pods?.succeeded ?? []).length > 0;
      const shown = isAny ? internalText(pods, 'batch.UncountedTerminatedPods') : undefined;
      return invalid(
        is.Finished && isAny,
        'uncountedTerminatedPods',
        shown,
        'must be empty for finished job',
      );
    },
  },
  {
    about: ['completedIndexes'],
    wrong: ({ spec, now: { completedIndexes = '' } }) =>
      badIndexes('completedIndexes', completedIndexes, spec),
  },
  {
    about: ['failedIndexes'],
    wrong: ({ spec, now: { failedIndexes = '' } }) =>
      spec.backoffLimitPerIndex === undefined ? undefined : badIndexes('failedIndexes', failedIndexes, spec),
  },
  {
    about: ['completedIndexes'],
    wrong: ({ spec, now: { completedIndexes = '' } }) =>
      invalid(
        completedIndexes !== '' && !isIndexed(spec),
        'completedIndexes',
        completedIndexes,
        'cannot set non-empty completedIndexes when non-indexed completion mode',
      ),
  },
  {
    about: ['failedIndexes'],
    wrong: ({ spec, now: { failedIndexes } }) =>
      invalid(
        failedIndexes !== undefined && spec.backoffLimitPerIndex === undefined,
        'failedIndexes',
        failedIndexes,
        'cannot set non-null failedIndexes when backoffLimitPerIndex is null',
      ),
  },
  {
    about: ['failedIndexes', 'completedIndexes'],
    wrong: ({ spec: { completions }, now: { completedIndexes = '', failedIndexes } }) => {
      if (completions === undefined || failedIndexes === undefined) return undefined;
      const shared = sharedIndex(completedIndexes, failedIndexes, completions);
      const text = `failedIndexes and completedIndexes overlap at index: ${shared}`;
      return invalid(shared !== undefined, 'failedIndexes', failedIndexes, text);
    },
  },
  {
    about: ['Finished', 'terminating'],
    wrong: ({ is, now: { terminating = 0 } }) =>
      invalid(
        terminating > 0 && is.Finished,
        'terminating',
        terminating,
        'terminating>0 is invalid for finished job',
      ),
  },
  {
    about: ['ready', 'active'],
    wrong: ({ now: { ready = 0, active = 0 } }) =>
      invalid(ready > active, 'ready', ready, 'cannot set more ready pods than active'),
  },
  {
    wrong: ({ is }) =>
      conditions(
        is.SuccessCriteriaMet && is.Failed,
        'cannot set SuccessCriteriaMet=True and Failed=true conditions',
      ),
  },
  {
    wrong: ({ is }) =>
      conditions(
        is.SuccessCriteriaMet && is.FailureTarget,
        'cannot set SuccessCriteriaMet=True and FailureTarget=true conditions',
      ),
  },
  {
    wrong: ({ is, spec }) =>
      conditions(
        spec.successPolicy !== undefined && is.Complete && !is.SuccessCriteriaMet,
        'cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True',
      ),
  },
  ...(['Failed', 'Complete', 'FailureTarget'] as const).map(
    (type): JobStatusRule => ({
      wrong: ({ is, had }) =>
        conditions(had[type] && !is[type], `cannot disable the terminal ${type}=True condition`),
    }),
  ),
  {
    wrong: ({ now: { failed = 0 }, was }) =>
      invalid(failed < (was.failed ?? 0), 'failed', failed, 'cannot decrease the failed counter'),
  },
  {
    wrong: ({ spec, now: { succeeded = 0 }, was }) => {
      // An indexed job may be scaled down.
      const mayShrink = isIndexed(spec) && spec.completions === spec.parallelism;
      const isLess = succeeded < (was.succeeded ?? 0) && !mayShrink;
      return invalid(isLess, 'succeeded', succeeded, 'cannot decrease the succeeded counter');
    },
  },
  {
    wrong: ({ now: { completionTime }, was: { completionTime: before } }) => {
      const isOther = completionTime !== undefined && before !== undefined && completionTime !== before;
      return invalid(isOther, 'completionTime', completionTime, fieldIsImmutable);
    },
  },
  {
    about: ['startTime'],
    wrong: ({ spec, now, was }) => {
      const isFixed = was.startTime !== undefined && spec.suspend !== true && !isResumed(now, was);
      return invalid(isFixed, 'startTime', now.startTime, `${fieldIsImmutable} for unsuspended job once set`);
    },
  },
  {
    wrong: ({ is, had }) =>
      conditions(
        had.SuccessCriteriaMet && !is.SuccessCriteriaMet,
        'cannot disable the SuccessCriteriaMet=True condition',
      ),
  },
  {
    wrong: ({ is, had }) =>
      conditions(
        had.Complete && !had.SuccessCriteriaMet && is.SuccessCriteriaMet,
        'cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions',
      ),
  },
];

function isIndexed({ completionMode }: JobSpec): boolean {
  return completionMode === 'Indexed';
}

function isResumed(now: JobStatus, was: JobStatus): boolean {
  return isConditionTrue(was, 'Suspended') && conditionOf(now, 'Suspended')?.status === 'False';
}

function badIndexes(
  key: 'completedIndexes' | 'failedIndexes',
  text: string,
  { completions }: JobSpec,
): FieldError | undefined {
  if (completions === undefined) return undefined;
  try {
    countIndexes(text, completions);
    return undefined;
  } catch (error) {
    if (!(error instanceof IndexesError)) throw error;
    return invalidValue(`status.${key}`, text, `error parsing ${key}: ${error.message}`);
  }
}
