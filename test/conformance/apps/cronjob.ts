/**
 * CronJobs: what each concurrency policy makes of jobs that outlast a minute, suspension, and the API's
 * operations.
 */

import assert from 'node:assert/strict';
import { cronJobs, events, jobs } from '#api/generated/kinds.gen.ts';
import type { CronJob, CronJobSpec, Job } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { type Behaviour, type BehaviourContext, behaviour, images } from '../behaviour.ts';
import { watchFromNow } from '../shared/watching.ts';
import { change, isGone } from '../shared/workloads.ts';

const everyMinute = '*/1 * * * ?';
const newYear = '0 0 1 1 *';
/** A minute's start is waited for up to twice. */
const minutesMs = 200_000;

/** Its jobs run until they are stopped. */
function create(
  { client, namespace }: BehaviourContext,
  name: string,
  spec: Partial<CronJobSpec> = {},
): Promise<Stored<CronJob>> {
  const container = { name: 'main', image: images.busybox };
  const pod = { restartPolicy: 'OnFailure', terminationGracePeriodSeconds: 0, containers: [container] };
  return client.create(cronJobs, {
    metadata: { name, namespace, labels: { app: name } },
    spec: {
      schedule: everyMinute,
      concurrencyPolicy: 'Allow',
      jobTemplate: { spec: { template: { spec: pod } } },
      ...spec,
    },
  });
}

/** Those it owns and that are not on their way out. */
async function jobsOf({ client, namespace }: BehaviourContext, owner: Stored<CronJob>) {
  const { items } = await client.list(jobs, { namespace });
  return items.filter(
    ({ metadata }: Stored<Job>) =>
      !metadata.deletionTimestamp &&
      metadata.ownerReferences?.some(({ uid, controller }) => controller && uid === owner.metadata.uid),
  );
}

/** What it says is active, once that is as many as wanted and each of them is there. */
async function active(context: BehaviourContext, owner: Stored<CronJob>, count: number): Promise<string[]> {
  const { client, namespace } = context;
  const { name } = owner.metadata;
  return context.eventually(
    `${count} jobs of ${name} are active`,
    async () => {
      const { status } = await client.get(cronJobs, { namespace, name });
      const names = (status?.active ?? []).map((reference) => reference.name!).sort();
      assert.equal(names.length, count);
      assert.deepEqual((await jobsOf(context, owner)).map((job) => job.metadata.name).sort(), names);
      return names;
    },
    minutesMs,
  );
}

async function allows(context: BehaviourContext): Promise<void> {
  const owner = await create(context, 'allow');
  const names = await active(context, owner, 2);
  for (const { status } of await jobsOf(context, owner)) {
    assert.equal(status?.completionTime, undefined, `${names} run side by side`);
  }
}

async function forbids(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const owner = await create(context, 'forbid', { concurrencyPolicy: 'Forbid' });
  const first = await active(context, owner, 1);
  const { uid } = owner.metadata;
  await context.eventually(
    'it is reported that a minute is left out',
    async () => {
      const { items } = await client.list(events, { namespace, fieldSelector: `involvedObject.uid=${uid}` });
      return items.some(({ reason }) => reason === 'JobAlreadyActive');
    },
    minutesMs,
  );
  assert.deepEqual(await active(context, owner, 1), first);
}

async function replaces(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const owner = await create(context, 'replace', { concurrencyPolicy: 'Replace' });
  const [first] = await active(context, owner, 1);
  await context.eventually(
    'the first job is gone',
    () => isGone(client, jobs, { namespace, name: first! }),
    minutesMs,
  );
  const [second] = await active(context, owner, 1);
  assert.notEqual(second, first);
}

/** Another of the same schedule shows when a minute has begun. */
async function suspends(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const suspended = await create(context, 'suspended', { suspend: true });
  const witness = await create(context, 'witness');
  await active(context, witness, 1);
  assert.deepEqual(await jobsOf(context, suspended), []);
  await active(context, witness, 2);
  assert.deepEqual(await jobsOf(context, suspended), []);
  const key = { namespace, name: 'suspended' };
  assert.deepEqual((await client.get(cronJobs, key)).status?.active ?? [], []);
  await client.patch(cronJobs, key, 'merge', { spec: { suspend: false } });
  await context.eventually(
    'it starts a job when it may',
    async () => (await jobsOf(context, suspended)).length > 0,
    minutesMs,
  );
}

async function isServed({ client }: BehaviourContext): Promise<void> {
  const groups = (await client.raw('GET', '/apis')) as { groups: { name: string }[] };
  assert.ok(groups.groups.some(({ name }) => name === 'batch'));
  const group = (await client.raw('GET', '/apis/batch')) as { versions: { version: string }[] };
  assert.ok(group.versions.some(({ version }) => version === 'v1'));
  const { resources } = (await client.raw('GET', '/apis/batch/v1')) as { resources: { name: string }[] };
  for (const served of ['cronjobs', 'cronjobs/status']) {
    assert.ok(resources.some(({ name }) => name === served));
  }
}

async function operations(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  await isServed(context);
  const key = { namespace, name: 'one' };
  const schedule = newYear;
  for (const name of ['one', 'two', 'three']) await create(context, name, { schedule });
  const labelSelector = `suite=${namespace}`;
  const labels = { suite: namespace };
  for (const name of ['one', 'two', 'three']) {
    await client.patch(cronJobs, { namespace, name }, 'merge', { metadata: { labels } });
  }
  assert.equal((await client.get(cronJobs, key)).spec?.schedule, newYear);
  assert.equal((await client.list(cronJobs, { namespace, labelSelector })).items.length, 3);
  assert.equal((await client.list(cronJobs, { labelSelector })).items.length, 3);

  const watching = await watchFromNow(context, cronJobs, { namespace, labelSelector });
  const patched = await client.patch(cronJobs, key, 'merge', {
    metadata: { annotations: { patched: 'yes' } },
  });
  assert.equal(patched.metadata.annotations?.['patched'], 'yes');
  const updated = await change(client, cronJobs, key, (object) => {
    object.metadata.annotations = { ...object.metadata.annotations, updated: 'yes' };
    object.spec!.suspend = true;
  });
  assert.equal(updated.metadata.annotations?.['updated'], 'yes');
  assert.equal(updated.spec?.suspend, true);
  await watching.until('the change is reported', ({ type, object }) => {
    return type === 'MODIFIED' && object.metadata.annotations?.['updated'] === 'yes';
  });
  await writesStatus(context, key.name);

  await client.delete(cronJobs, key);
  await watching.until('the deletion is reported', ({ type }) => type === 'DELETED');
  assert.ok(await isGone(client, cronJobs, key));
  assert.equal((await client.list(cronJobs, { namespace, labelSelector })).items.length, 2);
  await client.deleteCollection(cronJobs, { namespace, labelSelector });
  await context.eventually('the collection is gone', async () => {
    return (await client.list(cronJobs, { namespace, labelSelector })).items.length === 0;
  });
}

async function writesStatus({ client, namespace }: BehaviourContext, name: string): Promise<void> {
  const key = { namespace, name };
  const [first, second] = ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'];
  const patch = { metadata: { annotations: { status: 'patched' } }, status: { lastScheduleTime: first } };
  const patched = await client.patch(cronJobs, key, 'merge', patch, { subresource: 'status' });
  assert.equal(patched.status?.lastScheduleTime, first);
  assert.equal(patched.metadata.annotations?.['status'], 'patched');
  const write = (object: CronJob) => {
    object.status = { ...object.status, lastScheduleTime: second! };
  };
  const updated = await change(client, cronJobs, key, write, 'status');
  assert.equal(updated.status?.lastScheduleTime, second);
  const read = await client.get(cronJobs, key, 'status');
  assert.equal(read.metadata.uid, updated.metadata.uid);
  assert.equal(read.status?.lastScheduleTime, second);
}

const title = '[sig-apps] CronJob should';
/** The start of a minute is waited for more than once. */
const limitMs = 600_000;

export const cronJob: readonly Behaviour[] = [
  { ...behaviour(`${title} schedule multiple jobs concurrently [Conformance]`, allows), limitMs },
  {
    ...behaviour(`${title} not schedule new jobs when ForbidConcurrent [Slow] [Conformance]`, forbids),
    limitMs,
  },
  { ...behaviour(`${title} replace jobs when ReplaceConcurrent [Conformance]`, replaces), limitMs },
  { ...behaviour(`${title} not schedule jobs when suspended [Slow] [Conformance]`, suspends), limitMs },
  behaviour(`${title} support CronJob API operations [Conformance]`, operations),
];
