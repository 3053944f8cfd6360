import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Job, JobSpec, JobStatus } from '../../generated/types.gen.ts';
import { fieldErrorMessage } from '../../validation/field-error.ts';
import { validateJobStatus } from './job-status-validation.ts';

const early = '2026-01-01T00:00:00Z';
const later = '2026-01-01T00:00:10Z';
const are = (...types: string[]) => ({ conditions: types.map((type) => ({ type, status: 'True' })) });
const complete: JobStatus = {
  ...are('SuccessCriteriaMet', 'Complete'),
  startTime: early,
  completionTime: later,
};
const indexed: Partial<JobSpec> = { completionMode: 'Indexed', completions: 5, backoffLimitPerIndex: 1 };
const conditions = (text: string) => `status.conditions: Invalid value: ${text}`;

const cases: readonly [spec: Partial<JobSpec>, before: JobStatus, now: JobStatus, messages: string[]][] = [
  [{}, {}, { active: 1, ready: 1, startTime: early }, []],
  [{}, {}, complete, []],
  [{}, {}, { ready: 1 }, ['status.ready: Invalid value: 1: cannot set more ready pods than active']],
  [
    {},
    {},
    { terminating: -1 },
    ['status.terminating: Invalid value: -1: must be greater than or equal to 0'],
  ],
  [
    {},
    {},
    { ...are('Complete'), active: 1 },
    [
      'status.completionTime: Required value: completionTime is required for Complete jobs',
      conditions('cannot set Complete=True condition without the SuccessCriteriaMet=true condition'),
      'status.active: Invalid value: 1: active>0 is invalid for finished job',
      'status.startTime: Required value: startTime is required for finished job',
    ],
  ],
  [
    {},
    {},
    { ...are('Failed'), startTime: early, uncountedTerminatedPods: { failed: ['u', 'u', ''] } },
    [
      'status.uncountedTerminatedPods.failed[1]: Duplicate value: "u"',
      'status.uncountedTerminatedPods.failed[2]: Invalid value: "": must not be empty',
      conditions('cannot set Failed=True condition without the FailureTarget=true condition'),
      'status.uncountedTerminatedPods: Invalid value: {"Succeeded":null,"Failed":["u","u",""]}: must be empty for finished job',
    ],
  ],
  [
    {},
    {},
    { startTime: later, completionTime: early },
    [
      `status.completionTime: Invalid value: "${early}": cannot set completionTime when there is no Complete=True condition`,
      `status.completionTime: Invalid value: "${early}": must be equal to or after \`startTime\``,
    ],
  ],
  [
    { completions: 1 },
    {},
    { completedIndexes: 'a', failedIndexes: '0' },
    [
      'status.completedIndexes: Invalid value: "a": error parsing completedIndexes: cannot convert string to integer for index: "a"',
      'status.completedIndexes: Invalid value: "a": cannot set non-empty completedIndexes when non-indexed completion mode',
      'status.failedIndexes: Invalid value: "0": cannot set non-null failedIndexes when backoffLimitPerIndex is null',
    ],
  ],
  [
    indexed,
    {},
    { completedIndexes: '0,2-3', failedIndexes: '1,3' },
    ['status.failedIndexes: Invalid value: "1,3": failedIndexes and completedIndexes overlap at index: 3'],
  ],
  [indexed, {}, { completedIndexes: '0,2-3', failedIndexes: '1,4' }, []],
  [
    {},
    complete,
    { startTime: early, completionTime: later },
    [
      `status.completionTime: Invalid value: "${later}": cannot set completionTime when there is no Complete=True condition`,
      conditions('cannot disable the terminal Complete=True condition'),
      conditions('cannot disable the SuccessCriteriaMet=True condition'),
    ],
  ],
  [
    {},
    { failed: 2, succeeded: 2, startTime: early },
    { failed: 1, succeeded: 1 },
    [
      'status.failed: Invalid value: 1: cannot decrease the failed counter',
      'status.succeeded: Invalid value: 1: cannot decrease the succeeded counter',
      'status.startTime: Invalid value: null: field is immutable for unsuspended job once set',
    ],
  ],
  [{ ...indexed, parallelism: 5 }, { succeeded: 2 }, { succeeded: 1 }, []],
  [
    {},
    { startTime: early, conditions: [{ type: 'Suspended', status: 'True' }] },
    { startTime: later, conditions: [{ type: 'Suspended', status: 'False' }] },
    [],
  ],
];

for (const [spec, before, now, messages] of cases) {
  test(`a job's status – ${JSON.stringify(now)} after ${JSON.stringify(before)} – has its messages`, () => {
    const jobOf = (status: JobStatus) => ({ spec: { template: {}, ...spec }, status }) as Job;
    const errors = validateJobStatus(jobOf(now), jobOf(before));
    assert.deepEqual(
      errors.map((error) => fieldErrorMessage(error)),
      messages,
    );
  });
}
