/** What the controller reads before it decides: the caches, and the server where they may lag. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cronJobs, jobs } from '#api/generated/kinds.gen.ts';
import type { CronJob, Job, ObjectReference } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { DryController } from '#testing/controllers/dry-controller.ts';
import { storedJob } from '#testing/objects/workloads.ts';
import { ownedBy, storedMetadata } from '#testing/objects.ts';
import { cronJob } from './cron-job.ts';

const namespace = 'default';

function stored(active: ObjectReference[] = [], resourceVersion = '1'): Stored<CronJob> {
  return {
    metadata: storedMetadata('tick', { namespace, resourceVersion }),
    spec: { schedule: '0 0 1 1 *', jobTemplate: { spec: { template: {} } } },
    status: { active, lastScheduleTime: '2026-01-01T00:00:00Z' },
  };
}
const job = (name: string, ended = false): Stored<Job> =>
  storedJob(name, {
    metadata: { ownerReferences: [ownedBy(cronJobs, stored())] },
    status: { conditions: ended ? [{ type: 'Complete', status: 'True' }] : [] },
  });
const reference = (name: string) => ({ name, uid: name });
const later = 'again after 31492800100 ms';

test('a job – its changes wake the owner, those of another owner do not', () => {
  const controller = new DryController(cronJob).put(jobs, job('a'));
  assert.deepEqual(controller.woken(), ['default/tick']);
  controller.put(jobs, { metadata: storedMetadata('b', { namespace }) });
  assert.deepEqual(controller.woken(), []);
  controller.remove(jobs, job('a'));
  assert.deepEqual(controller.woken(), ['default/tick']);
});

test('a running job that the cached status does not name – the status at the server counts', async () => {
  const controller = new DryController(cronJob).put(cronJobs, stored()).put(jobs, job('a'));
  assert.deepEqual(await controller.printed('default/tick'), [
    'event Warning UnexpectedJob "Saw a job that the controller did not create or forgot: a"',
    later,
  ]);
  controller.atServer(cronJobs, stored([reference('a')], '2'));
  assert.deepEqual(await controller.printed('default/tick'), [later]);
});

test('an active job that the cache does not show – missing only when the server does not have it either', async () => {
  const controller = new DryController(cronJob).put(cronJobs, stored([reference('a')]));
  assert.deepEqual(await controller.printed('default/tick'), [
    'event Normal MissingJob "Active job went missing: a"',
    'status CronJob default/tick',
    later,
  ]);
  controller.atServer(jobs, job('a'));
  assert.deepEqual(await controller.printed('default/tick'), [later]);
});

test('an active job that has ended – it is taken out of the status', async () => {
  const controller = new DryController(cronJob).put(cronJobs, stored([reference('a')]));
  controller.put(jobs, job('a', true));
  assert.deepEqual(await controller.printed('default/tick'), [
    'event Normal SawCompletedJob "Saw completed job: a, condition: Complete"',
    'status CronJob default/tick',
    later,
  ]);
});

test('a CronJob that is gone – nothing', async () => {
  assert.deepEqual(await new DryController(cronJob).printed('default/tick'), []);
});
