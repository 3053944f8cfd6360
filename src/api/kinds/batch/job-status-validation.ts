/**
 * Validation of a Job's status: which statuses its controller, or another that manages it, may write. A rule is
 * checked when what it is about changes, so that a status that broke it before can still be written.
 */

import type { Job, JobStatus } from '../../generated/types.gen.ts';
import { checkNonNegative } from '../../validation/field-checks.ts';
import { duplicate, type FieldError, invalidValue } from '../../validation/field-error.ts';
import { jobStatusRules } from './job-status-rules.ts';
import { changedIn, outcomeOf } from './job-status-view.ts';

export function validateJobStatus(job: Job, old: Job): FieldError[] {
  const [spec, now, was] = [job.spec!, job.status ?? {}, old.status ?? {}];
  const view = { spec, now, was, is: outcomeOf(now), had: outcomeOf(was) };
  const changed = changedIn(view);
  return [
    ...counts.flatMap((key) => checkNonNegative(`status.${key}`, now[key])),
    ...validateUncounted(now),
    ...jobStatusRules.flatMap(({ about, wrong }) => {
      const error = !about || about.some((what) => changed.has(what)) ? wrong(view) : undefined;
      return error ? [error] : [];
    }),
  ];
}

const counts = ['active', 'succeeded', 'failed', 'ready', 'terminating'] as const;

function validateUncounted({ uncountedTerminatedPods }: JobStatus): FieldError[] {
  const seen = new Set<string>();
  return (['succeeded', 'failed'] as const).flatMap((list) =>
    (uncountedTerminatedPods?.[list] ?? []).flatMap((uid, i) => {
      const field = `status.uncountedTerminatedPods.${list}[${i}]`;
      if (uid === '') return [invalidValue(field, uid, 'must not be empty')];
      if (seen.has(uid)) return [duplicate(field, uid)];
      seen.add(uid);
      return [];
    }),
  );
}
