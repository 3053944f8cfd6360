/** A Job's status beside the one before it: what their conditions say, and what has changed. */

import type { JobSpec, JobStatus } from '../../generated/types.gen.ts';
import { isConditionTrue } from '../../meta/conditions.ts';
import { deepEqual } from '../../schema/deep-equal.ts';

/** What the conditions of a status say. */
export interface Outcome {
  readonly Complete: boolean;
  readonly Failed: boolean;
  readonly FailureTarget: boolean;
  readonly SuccessCriteriaMet: boolean;
  readonly Finished: boolean;
}

export function outcomeOf(status: JobStatus): Outcome {
  const [Complete, Failed] = [isConditionTrue(status, 'Complete'), isConditionTrue(status, 'Failed')];
  return {
    Complete,
    Failed,
    FailureTarget: isConditionTrue(status, 'FailureTarget'),
    SuccessCriteriaMet: isConditionTrue(status, 'SuccessCriteriaMet'),
    Finished: Complete || Failed,
  };
}

export interface JobStatusView {
  readonly spec: JobSpec;
  readonly now: JobStatus;
  readonly was: JobStatus;
  /** The outcome of `now`. */
  readonly is: Outcome;
  /** The outcome of `was`. */
  readonly had: Outcome;
}

export type Watched = keyof Outcome | (typeof watchedFields)[number];

export function changedIn(view: JobStatusView): ReadonlySet<Watched> {
  return new Set([...changedOutcomes(view), ...changedFields(view)]);
}

function changedOutcomes({ is, had }: JobStatusView): (keyof Outcome)[] {
  return (Object.keys(is) as (keyof Outcome)[]).filter((key) => is[key] !== had[key]);
}

const watchedFields = [
  'completedIndexes',
  'failedIndexes',
  'active',
  'startTime',
  'completionTime',
  'uncountedTerminatedPods',
  'ready',
  'terminating',
] as const;

function changedFields({ now, was }: JobStatusView): (typeof watchedFields)[number][] {
  return watchedFields.filter((key) => !deepEqual(now[key] || undefined, was[key] || undefined));
}
