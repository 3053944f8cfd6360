import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Job, JobSpec, JobStatus, Pod, PodStatus } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import {
  at,
  changesOf,
  conditions,
  decideWith,
  ended,
  eventsOf,
  jobOf,
  nowMs,
  perIndex,
  podOf,
  statusAfter,
} from '#testing/objects/jobs.ts';
import { podOfJob } from './pod.ts';

const decide = decideWith();

const running: PodStatus = { phase: 'Running' };
const ready: PodStatus = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
const many = (count: number, prefix: string, status: PodStatus) =>
  Array.from({ length: count }, (_, i) => podOf(`${prefix}${i}`, status));

function going(pod: Stored<Pod>): Stored<Pod> {
  return { ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2026-01-01T00:30:00Z' } };
}

function isDeleted(job: Stored<Job>): Stored<Job> {
  return { ...job, metadata: { ...job.metadata, deletionTimestamp: '2026-01-01T00:59:00Z' } };
}

describe('pods of a job – as many as parallelism and what is left to complete ask for', () => {
  type Case = [Omit<JobSpec, 'template'>, JobStatus, number, number, number];
  const cases: Case[] = [
    // spec, status, running; created, deleted
    [{ parallelism: 2, completions: 5 }, {}, 0, 2, 0],
    [{ parallelism: 2, completions: 5 }, {}, 2, 0, 0],
    [{ parallelism: 2, completions: 5 }, { succeeded: 4 }, 0, 1, 0],
    [{ parallelism: 2, completions: 5 }, { succeeded: 4 }, 2, 0, 1],
    [{ parallelism: 2, completions: 5 }, {}, 4, 0, 2],
    [{ parallelism: 0, completions: 5 }, {}, 2, 0, 2],
    [{ parallelism: 700, completions: 900 }, {}, 0, 500, 0],
    [{ parallelism: 3 }, {}, 1, 2, 0],
    // Of a work queue, what runs when the first has succeeded runs to its end, and nothing new comes.
    [{ parallelism: 3 }, { succeeded: 1 }, 2, 0, 0],
  ];
  for (const [spec, status, count, created, deleted] of cases) {
    test(`a job – ${JSON.stringify(spec)}, ${JSON.stringify(status)}, ${count} running – has these actions`, () => {
      const plan = changesOf(decide(jobOf(spec, status), many(count, 'r', running)));
      const countOf = (verb: string) => plan.filter((change) => change.startsWith(verb)).length;
      assert.deepEqual([countOf('create'), countOf('delete')], [created, deleted]);
    });
  }
});

describe('the end of a job – its condition and reason', () => {
  const restarted = (count: number): PodStatus => ({
    phase: 'Running',
    containerStatuses: [{ name: 'c', image: 'i', imageID: '', ready: true, restartCount: count }],
  });
  const onFailure = (backoffLimit: number): JobSpec => ({
    completions: 1,
    backoffLimit,
    template: { spec: { restartPolicy: 'OnFailure', containers: [{ name: 'c', image: 'i' }] } },
  });
  const cases: [string, Omit<JobSpec, 'template'>, Stored<Pod>[], string[]][] = [
    ['enough', { completions: 1 }, many(1, 's', ended(0)), ['SuccessCriteriaMet CompletionsReached']],
    [
      'none wanted',
      { completions: 0 },
      [],
      ['SuccessCriteriaMet CompletionsReached', 'Complete CompletionsReached'],
    ],
    ['first of a queue', {}, many(1, 's', ended(0)), ['SuccessCriteriaMet CompletionsReached']],
    ['others of a queue run', {}, [...many(1, 's', ended(0)), podOf('r', running)], []],
    [
      'limit passed',
      { completions: 1, backoffLimit: 0 },
      many(1, 'f', ended(1)),
      ['FailureTarget BackoffLimitExceeded'],
    ],
    ['limit reached', { completions: 1, backoffLimit: 1 }, many(1, 'f', ended(1)), []],
    ['no restart', onFailure(0), [podOf('r', restarted(0))], []],
    ['any restart', onFailure(0), [podOf('r', restarted(1))], ['FailureTarget BackoffLimitExceeded']],
    [
      'restarts reach the limit',
      onFailure(2),
      [podOf('r', restarted(2))],
      ['FailureTarget BackoffLimitExceeded'],
    ],
    [
      'also on the way out',
      onFailure(2),
      [going(podOf('r', restarted(2)))],
      ['FailureTarget BackoffLimitExceeded'],
    ],
    ['fewer restarts', onFailure(2), [podOf('r', restarted(1))], []],
    [
      'deadline',
      { completions: 1, activeDeadlineSeconds: 3600 },
      many(1, 'r', running),
      ['FailureTarget DeadlineExceeded'],
    ],
    ['deadline ahead', { completions: 1, activeDeadlineSeconds: 3601 }, many(1, 'r', running), []],
  ];
  for (const [title, spec, pods, expected] of cases) {
    test(title, () => {
      assert.deepEqual(conditions(decide(jobOf(spec), pods)), expected);
    });
  }
});

test('a deadline – the job is looked at then, unless it is suspended', () => {
  const spec = { completions: 1, activeDeadlineSeconds: 3610 };
  assert.equal(decide(jobOf(spec), many(1, 'r', running)).againInMs, 10_000);
  const suspended = decide(jobOf({ ...spec, activeDeadlineSeconds: 1, suspend: true }), []);
  assert.equal(suspended.againInMs, undefined);
  assert.deepEqual(conditions(suspended), ['Suspended JobSuspended']);
});

test('the end of a job – announced, kept, and true only when no pod is left', () => {
  const rules = [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } }];
  const spec = { completions: 2, parallelism: 2, activeDeadlineSeconds: 1, podFailurePolicy: { rules } };
  const first = decide(jobOf(spec), [podOf('f', ended(42)), podOf('r', running)]);
  assert.deepEqual(changesOf(first), ['status', '-finalizer f', '-finalizer r', 'delete r']);
  const status = statusAfter(first);
  const message = 'Container c for pod n/f failed with exit code 42 matching FailJob rule at index 0';
  assert.deepEqual(
    status.conditions?.map(({ type, reason, message }) => [type, reason, message]),
    [['FailureTarget', 'PodFailurePolicy', message]],
  );
  const leaving = decide(jobOf(spec, status), [going({ ...podOf('r', running) })]);
  assert.deepEqual(conditions(leaving), ['FailureTarget PodFailurePolicy']);
  const last = decide(jobOf(spec, status), []);
  assert.deepEqual(conditions(last), ['FailureTarget PodFailurePolicy', 'Failed PodFailurePolicy']);
  assert.equal(statusAfter(last).conditions?.at(-1)?.message, message);
  assert.equal(statusAfter(last).failed, 2);
  assert.deepEqual(eventsOf(last), ['Warning PodFailurePolicy']);
});

test('a view that is not current – no job ends, no pod is created or deleted', () => {
  const plan = decide(jobOf({ completions: 1, activeDeadlineSeconds: 1 }), many(1, 'r', running), false);
  assert.deepEqual(changesOf(plan), ['status']);
  assert.deepEqual(conditions(plan), []);
  const suspended = decide(jobOf({ completions: 1, suspend: true }), [], false);
  assert.deepEqual(conditions(suspended), []);
});

test('a job – suspended, then resumed – its start time is removed, then set again', () => {
  const spec = { completions: 2, parallelism: 2 };
  const suspended = decide(jobOf({ ...spec, suspend: true }), many(2, 'r', ready));
  assert.deepEqual(conditions(suspended), ['Suspended JobSuspended']);
  assert.deepEqual(eventsOf(suspended), ['Normal Suspended']);
  const { startTime, active, ready: readyNow, terminating } = statusAfter(suspended);
  assert.deepEqual([startTime, active, readyNow, terminating], [undefined, undefined, 0, 2]);
  const before = jobOf(spec, statusAfter(suspended));
  const { startTime: _, ...status } = before.status ?? {};
  const resumed = decide({ ...before, status }, []);
  assert.deepEqual(changesOf(resumed), ['create', 'create', 'status']);
  assert.deepEqual(conditions(resumed), ['Suspended JobResumed']);
  assert.deepEqual(eventsOf(resumed), ['Normal Resumed']);
  assert.equal(statusAfter(resumed).startTime, new Date(nowMs).toISOString().replace('.000', ''));
});

test('a deleted job – suspended – no condition says so', () => {
  const plan = decide(isDeleted(jobOf({ completions: 1, suspend: true })), [podOf('r', running)]);
  assert.deepEqual(changesOf(plan), ['status', '-finalizer r']);
  assert.deepEqual(conditions(plan), []);
});

test('a terminating pod – podReplacementPolicy – replaced at once and failed, or waited for', () => {
  const pods = [going(podOf('g', running, at(0)))];
  const spec = { completionMode: 'Indexed', completions: 1, backoffLimitPerIndex: 1 };
  const atOnce = decide(jobOf({ ...spec, podReplacementPolicy: 'TerminatingOrFailed' }), pods);
  assert.deepEqual(changesOf(atOnce), ['create 0 after 1', 'status']);
  const waits = decide(jobOf({ ...spec, podReplacementPolicy: 'Failed' }), pods);
  assert.deepEqual(changesOf(waits), ['status']);
  assert.equal(statusAfter(waits).terminating, 1);
  const counted = decide(jobOf({ completions: 1 }), pods);
  assert.deepEqual(statusAfter(counted).uncountedTerminatedPods, { failed: ['g'] });
});

test('uncounted uids – their pods have lost the finalizer – they become numbers, each pod once', () => {
  const spec = { completions: 9, parallelism: 0 };
  const uncountedTerminatedPods = { succeeded: ['s'], failed: ['f', 'gone'] };
  const job = jobOf(spec, { succeeded: 1, failed: 1, uncountedTerminatedPods });
  // It counted as failed when it began to terminate; that it succeeded after all is too late.
  const plan = decide(job, [podOf('s', ended(0)), podOf('f', ended(0)), podOf('t', ended(0))]);
  const { succeeded, failed, uncountedTerminatedPods: left } = statusAfter(plan);
  assert.deepEqual([succeeded, failed], [1, 2]);
  assert.deepEqual(left, { succeeded: ['s', 't'], failed: ['f'] });
});

test('uncounted uids – more than 500 – written in rounds; those that wait count all the same', () => {
  const job = jobOf({ completions: 600, parallelism: 600 });
  const first = decide(job, many(600, 's', ended(0)));
  assert.deepEqual(conditions(first), ['SuccessCriteriaMet CompletionsReached']);
  assert.equal(statusAfter(first).uncountedTerminatedPods?.succeeded?.length, 500);
  assert.equal(changesOf(first).filter((change) => change.startsWith('-finalizer')).length, 500);
  const rest = many(600, 's', ended(0)).slice(500);
  const second = decide(jobOf(job.spec ?? {}, statusAfter(first)), rest);
  assert.equal(statusAfter(second).succeeded, 500);
  assert.equal(statusAfter(second).uncountedTerminatedPods?.succeeded?.length, 100);
});

test('a job – its pods are refused – it still starts and counts', () => {
  const { status: _, ...fresh } = jobOf({ completions: 2, parallelism: 2 });
  const plan = decide(fresh, [podOf('s', ended(0))]);
  const [together] = plan.actions;
  assert.ok(together?.do === 'together');
  const [creation] = together.actions;
  assert.ok(creation?.do === 'create');
  assert.deepEqual(eventsOf({ actions: creation.ifFailed ?? [] }), ['Warning FailedCreate']);
  const status = statusAfter({ actions: together.ifFailed ?? [] });
  assert.deepEqual(status.uncountedTerminatedPods, { succeeded: ['s'] });
  assert.ok(status.startTime);
  assert.equal(status.active, undefined);
  assert.equal(statusAfter(plan).active, 1);
});

test('a job – more successes than completions – an event', () => {
  const plan = decide(jobOf({ completions: 1 }, { succeeded: 2 }), []);
  assert.deepEqual(eventsOf(plan), ['Warning TooManySucceededPods', 'Normal Completed']);
  assert.ok(statusAfter(plan).completionTime);
});

test('a job made smaller – indexes beyond its completions – they no longer count', () => {
  const job = jobOf({ ...perIndex, maxFailedIndexes: 1 }, { failedIndexes: '0,5', completedIndexes: '1,7' });
  const plan = decide(job, [podOf('a', running, at(2))]);
  assert.deepEqual(conditions(plan), []);
  assert.deepEqual([statusAfter(plan).failedIndexes, statusAfter(plan).completedIndexes], ['0', '1']);
});

test('a pod of an index – it knows it by name, host name, label, annotation and variable', () => {
  const name = 'a-job-with-a-name-that-is-so-long-that-it-must-be-cut-short';
  const job = jobOf({ completionMode: 'Indexed', completions: 20 });
  const { metadata, spec } = podOfJob({ ...job, metadata: { ...job.metadata, name } }, 12);
  assert.equal(metadata?.generateName, 'a-job-with-a-name-that-is-so-long-that-it-must-be-cut--12-');
  assert.equal(spec?.hostname, `${name}-12`);
  const key = 'batch.kubernetes.io/job-completion-index';
  assert.deepEqual([metadata?.labels?.[key], metadata?.annotations?.[key]], ['12', '12']);
  assert.deepEqual(spec?.containers[0]?.env, [
    { name: 'JOB_COMPLETION_INDEX', valueFrom: { fieldRef: { fieldPath: `metadata.labels['${key}']` } } },
  ]);
});
