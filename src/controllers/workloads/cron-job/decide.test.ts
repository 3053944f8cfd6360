import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CronJob, CronJobSpec, CronJobStatus, Job } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { rfc3339 } from '#base/clock.ts';
import type { Client } from '#client/client.ts';
import { changedName } from '#testing/controllers/changed-name.ts';
import { printed } from '#testing/controllers/plans.ts';
import { storedJob } from '#testing/objects/workloads.ts';
import { decideCronJob } from './decide.ts';
import { lastDue } from './due.ts';
import { type JobRecord, recordJob } from './record-job.ts';
import { parseCron } from './schedule.ts';

const at = (text: string) => Date.parse(text);

const cronJob = (spec: Partial<CronJobSpec> = {}, status: CronJobStatus = {}): Stored<CronJob> => ({
  metadata: {
    name: 'tick',
    namespace: 'default',
    uid: 'c',
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:30Z',
  },
  spec: { schedule: '*/10 * * * *', jobTemplate: { metadata: { labels: { a: 'b' } } }, ...spec },
  status,
});

const job = (name: string, end?: 'Complete' | 'Failed', startTime = ''): Stored<Job> =>
  storedJob(name, {
    metadata: { creationTimestamp: '' },
    status: { startTime, ...(end ? { conditions: [{ type: end, status: 'True' }] } : {}) },
  });

function decide(cronJob: Stored<CronJob>, now: string, jobs: Stored<Job>[] = [], gone: string[] = []) {
  const plan = decideCronJob({ cronJob, jobs, gone: new Set(gone), nowMs: at(now) });
  const planned = plan.actions.map((action) => {
    if (action.do === 'event') return action.reason;
    const name = changedName(action);
    return action.do === 'updateStatus' ? action.do : `${action.do} ${name}`;
  });
  return { planned, againInMs: plan.againInMs };
}

test('times that fell due – the newest one starts a job named after it', () => {
  const minute = Math.floor(at('2026-01-01T00:20:00Z') / 60_000);
  assert.deepEqual(decide(cronJob(), '2026-01-01T00:09:00Z'), { planned: [], againInMs: 60_100 });
  assert.deepEqual(decide(cronJob(), '2026-01-01T00:25:00Z').planned, [`create tick-${minute}`]);
  const ran = { lastScheduleTime: '2026-01-01T00:20:00Z' };
  assert.deepEqual(decide(cronJob({}, ran), '2026-01-01T00:25:00Z').planned, []);
  assert.deepEqual(decide(cronJob({ suspend: true }), '2026-01-01T00:25:00Z').planned, []);
  assert.deepEqual(decide(cronJob({ startingDeadlineSeconds: 60 }), '2026-01-01T00:25:00Z').planned, []);
});

describe('a job that still runs – what the policy makes of it', () => {
  const status = { active: [{ uid: 'old', name: 'old' }] };
  const minute = at('2026-01-01T00:10:00Z') / 60_000;
  const policies: [string, string[]][] = [
    ['Forbid', ['JobAlreadyActive']],
    ['Allow', [`create tick-${minute}`]],
    ['Replace', ['delete old', `create tick-${minute}`]],
  ];
  for (const [concurrencyPolicy, expected] of policies) {
    test(concurrencyPolicy, () => {
      const { planned } = decide(cronJob({ concurrencyPolicy }, status), '2026-01-01T00:10:01Z', [
        job('old'),
      ]);
      assert.deepEqual(planned, expected);
    });
  }
});

test('a started job – recorded in the status together with its time', async () => {
  const other = { uid: 'other', name: 'other' };
  const owner = cronJob({ timeZone: 'Europe/Berlin' }, { active: [other] });
  const view = { jobs: [job('other')], gone: new Set<string>(), nowMs: at('2026-07-01T00:10:01Z') };
  const plan = decideCronJob({ ...view, cronJob: owner });
  assert.deepEqual(printed(plan), [
    'event Warning TooManyMissedTimes "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew"',
    'create Job default/tick-29714410',
    '  then event Normal SuccessfulCreate "Created job <name>"',
    '  then recordJob Job default/tick-29714410',
    '  if taken recordJob Job default/tick-29714410',
    '  if failed event Warning FailedCreate "Error creating job: <error>"',
    'again after 599100 ms',
  ]);
  const step = plan.actions.find((action) => action.do === 'create');
  assert.ok(step);
  const annotations = step.object.metadata?.annotations;
  assert.equal(annotations?.['batch.kubernetes.io/cronjob-scheduled-timestamp'], '2026-07-01T02:10:00+02:00');
  const record = step.ifTaken?.[0];
  assert.ok(record?.do === 'special');
  const created = { ...step.object, metadata: { ...job('tick-29714410').metadata, ...step.object.metadata } };
  const noClient = {} as Client;
  const outcome = { created: created as Stored };
  const recorded = await recordJob.carryOut(record.data as JobRecord, noClient, outcome);
  const [update] = recorded.actions;
  const status = update?.do === 'updateStatus' ? (update.object as CronJob).status : undefined;
  assert.equal(status?.lastScheduleTime, '2026-07-01T00:10:00Z');
  assert.deepEqual(
    status?.active?.map(({ name }) => name),
    ['other', 'tick-29714410'],
  );
  const unowned = { ...created, metadata: { ...created.metadata, ownerReferences: [] } } as Stored;
  const ofOther = await recordJob.carryOut(record.data as JobRecord, noClient, { created: unowned });
  assert.deepEqual(ofOther, { actions: [] }, 'a job of that name of another owner is left alone');
});

test('jobs that end, vanish or come from elsewhere – events say so', () => {
  const active = ['a', 'b', 'c'].map((name) => ({ name, uid: name }));
  const owner = cronJob({ suspend: true }, { active });
  const jobs = [job('a'), job('b', 'Complete'), job('by-hand')];
  const { planned } = decide(owner, '2026-01-01T00:10:01Z', jobs, ['c']);
  assert.deepEqual(planned, ['SawCompletedJob', 'UnexpectedJob', 'MissingJob', 'updateStatus']);
});

test('a long pause – an event counts it', () => {
  const { planned } = decide(cronJob(), '2026-01-02T00:00:00Z');
  assert.equal(planned[0], 'TooManyMissedTimes');
  assert.match(planned[1]!, /^create tick-/);
});

describe('missed times – counted by the distance of the first two; only the last ones are walked through', () => {
  const cases: [string, string, string, string?][] = [
    ['* * * * *', '2096-01-01T00:00:10Z', '2096-01-01T00:00:00Z'],
    ['@every 1s', '2096-01-01T00:00:10Z', '2096-01-01T00:00:10Z'],
    ['0,1 0 1 1 *', '2036-06-01T00:00:00Z', '2036-01-01T00:01:00Z'],
    ['* * 1 1 *', '2036-01-01T12:00:30Z', '2036-01-01T12:00:00Z'],
    ['30 6-16/4 * * 1-5', '2026-01-12T08:00:00Z', '2026-01-12T06:30:00Z'],
  ];
  for (const [schedule, now, due] of cases) {
    test(schedule, () => {
      const found = lastDue(cronJob({ schedule }), parseCron(schedule), at(now));
      assert.equal(found?.atMs && rfc3339(found.atMs), due);
    });
  }
});

test('a schedule that never comes, or names a zone – an event says so', () => {
  const never = cronJob({ schedule: '0 0 31 2 *' });
  assert.deepEqual(decide(never, '2026-01-01T00:10:01Z'), {
    planned: ['InvalidSchedule'],
    againInMs: undefined,
  });
  const zoned = decide(cronJob({ schedule: 'TZ=UTC */10 * * * *' }), '2026-01-01T00:00:31Z').planned;
  assert.equal(zoned[0], 'UnsupportedSchedule');
});

test('a job of that name that is active – it is not started again', () => {
  const name = `tick-${at('2026-01-01T00:10:00Z') / 60_000}`;
  const owner = cronJob({}, { active: [{ name, uid: 'x' }] });
  assert.deepEqual(
    decide(owner, '2026-01-01T00:10:01Z', [{ ...job(name), metadata: { ...job(name).metadata, uid: 'x' } }])
      .planned,
    [],
  );
});

test('a schedule or zone that cannot be read – an event of its own for each', () => {
  assert.deepEqual(decide(cronJob({ schedule: 'x' }), '2026-01-01T00:10:01Z').planned, [
    'UnparseableSchedule',
  ]);
  assert.deepEqual(decide(cronJob({ timeZone: 'Nowhere/At' }), '2026-01-01T00:10:01Z').planned, [
    'UnknownTimeZone',
  ]);
});

test('ended jobs beyond the history limits – deleted, oldest first', () => {
  const jobs = [1, 2, 3, 4, 5].map((i) => job(`ok-${i}`, 'Complete', `2026-01-01T00:0${i}:00Z`));
  const failed = [1, 2].map((i) => job(`bad-${i}`, 'Failed', `2026-01-01T00:0${i}:00Z`));
  const { planned } = decide(cronJob(), '2026-01-01T00:09:00Z', [...jobs, ...failed]);
  assert.deepEqual(planned, ['delete ok-2', 'delete ok-1', 'delete bad-1']);
});
