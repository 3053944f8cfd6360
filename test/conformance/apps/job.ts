/**
 * Jobs: pods of their own, indexes, restarts, deletion, status, life cycle; the policies lie in
 * `job-policies.ts`.
 */

import assert from 'node:assert/strict';
import { jobs, pods } from '#api/generated/kinds.gen.ts';
import type { Job, Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { type Behaviour, type BehaviourContext, behaviour } from '../behaviour.ts';
import { logs, statusOf } from '../common/running.ts';
import { watchFromNow } from '../shared/watching.ts';
import { change, isGone } from '../shared/workloads.ts';
import { jobPolicies } from './job-policies.ts';
import { createJob, indexOf, jobEnds, jobRuns, podsOfJob } from './jobs.ts';

const reached = 'CompletionsReached';

async function adoptsAndReleases(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const job = await createJob(context, 'adopting');
  const [pod] = await jobRuns(context, 'adopting');
  const key = { namespace, name: pod!.metadata.name };
  const owner = ({ metadata }: Pod) => metadata?.ownerReferences?.find(({ controller }) => controller);
  const orphaned = await client.patch(pods, key, 'merge', { metadata: { ownerReferences: null } });
  assert.equal(owner(orphaned), undefined);
  await context.eventually('the pod is adopted again', async () => {
    const found = owner(await client.get(pods, key));
    assert.deepEqual([found?.kind, found?.name, found?.uid], ['Job', 'adopting', job.metadata.uid]);
    return true;
  });
  await client.patch(pods, key, 'merge', { metadata: { labels: null } });
  await context.eventually('the pod is let go', async () => {
    const found = await client.get(pods, key);
    assert.equal(owner(found), undefined);
    assert.deepEqual(found.metadata.finalizers ?? [], []);
    return true;
  });
  const now = await jobRuns(context, 'adopting');
  assert.ok(
    now.every(({ metadata }) => metadata.uid !== pod!.metadata.uid),
    'another takes its place',
  );
}

async function indexed(context: BehaviourContext): Promise<void> {
  const script = 'echo $JOB_COMPLETION_INDEX at $(hostname)';
  await createJob(context, 'indexed', { completionMode: 'Indexed' }, script);
  const status = await jobEnds(context, 'indexed', 'Complete', reached);
  assert.equal(status.succeeded, 4);
  assert.equal(status.completedIndexes, '0-3');
  const found = (await podsOfJob(context, 'indexed')).sort((a, b) => indexOf(a) - indexOf(b));
  assert.deepEqual(found.map(indexOf), [0, 1, 2, 3]);
  for (const pod of found) {
    const index = indexOf(pod);
    const { name } = pod.metadata;
    assert.equal(pod.spec?.hostname, `indexed-${index}`);
    assert.equal(pod.metadata.labels?.['batch.kubernetes.io/job-completion-index'], String(index));
    assert.ok(name.startsWith(`indexed-${index}-`), name);
    assert.equal((await logs(context, name)).trim(), `${index} at indexed-${index}`);
  }
}

async function restartsInPlace(context: BehaviourContext): Promise<void> {
  const script = 'test -f /memory/failed || { touch /memory/failed; exit 1; }';
  const volumes = [{ name: 'memory', emptyDir: {} }];
  await createJob(context, 'restarts', {}, script, { restartPolicy: 'OnFailure', volumes });
  const status = await jobEnds(context, 'restarts', 'Complete', reached);
  assert.equal(status.succeeded, 4);
  assert.equal(status.failed ?? 0, 0);
  for (const pod of await podsOfJob(context, 'restarts')) assert.equal(statusOf(pod).restartCount, 1);
}

async function deletion(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const key = { namespace, name: 'deleted' };
  await createJob(context, key.name);
  await jobRuns(context, key.name);
  await client.delete(jobs, key, { propagationPolicy: 'Background' });
  await context.eventually('the job is gone', () => isGone(client, jobs, key));
  await context.eventually('its pods are gone', async () => {
    return (await podsOfJob(context, key.name)).length === 0;
  });
}

async function status(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const key = { namespace, name: 'status' };
  const { metadata } = await createJob(context, key.name);
  await jobRuns(context, key.name);
  const lastTransitionTime = '2026-01-01T00:00:00Z';
  const condition = (type: string) => ({ type, status: 'True', reason: 'E2E', lastTransitionTime });
  const typesOf = (job: Job) => (job.status?.conditions ?? []).map(({ type }) => type);
  const patch = {
    metadata: { annotations: { patched: 'yes' } },
    status: { conditions: [condition('StatusPatched')] },
  };
  const patched = await client.patch(jobs, key, 'merge', patch, { subresource: 'status' });
  assert.equal(patched.metadata.annotations?.['patched'], 'yes');
  assert.ok(typesOf(patched).includes('StatusPatched'));
  const write = (job: Job) => {
    job.status = {
      ...job.status,
      conditions: [...(job.status?.conditions ?? []), condition('StatusUpdate')],
    };
  };
  const updated = await change(client, jobs, key, write, 'status');
  assert.ok(typesOf(updated).includes('StatusUpdate'));
  const read = await client.get(jobs, key, 'status');
  assert.equal(read.metadata.uid, metadata.uid);
  assert.deepEqual(typesOf(read), ['StatusPatched', 'StatusUpdate']);
  assert.equal(read.status?.active, 2, 'what the controller wrote stays');
}

const endsAtOnce = { 'simulated.kybern.dev/exit-code': '0' };

async function lifecycle(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const key = { namespace, name: 'lifecycle' };
  const labelSelector = `suite=${namespace}`;
  const watching = await watchFromNow(context, jobs, { namespace });
  await createJob(context, key.name, { suspend: true }, 'true', {}, endsAtOnce);
  const labels = { suite: namespace, patched: 'yes' };
  const patched = await client.patch(jobs, key, 'strategic', { metadata: { labels } });
  assert.equal(patched.metadata.labels?.patched, 'yes');
  await watching.until('the label is reported', ({ type, object }) => {
    return type === 'MODIFIED' && object.metadata.labels?.patched === 'yes';
  });
  await watching.until('it is suspended', ({ object }) =>
    Boolean(
      object.status?.conditions?.some(
        (condition) => condition.type === 'Suspended' && condition.status === 'True',
      ),
    ),
  );
  assert.deepEqual(await podsOfJob(context, key.name), []);
  const resume = (job: Stored<Job>) => {
    job.spec!.suspend = false;
    job.metadata.annotations = { ...job.metadata.annotations, updated: 'yes' };
  };
  const updated = await change(client, jobs, key, resume);
  assert.equal(updated.metadata.annotations?.['updated'], 'yes');
  await watching.until('the annotation is reported', ({ object }) => {
    return object.metadata.annotations?.['updated'] === 'yes';
  });
  const everywhere = async () =>
    (await client.list(jobs, { labelSelector })).items.map((job) => job.metadata.name);
  assert.deepEqual(await everywhere(), [key.name]);
  assert.equal((await jobEnds(context, key.name, 'Complete', reached)).succeeded, 4);
  await client.deleteCollection(jobs, { namespace, labelSelector, propagationPolicy: 'Background' });
  await watching.until('DELETED is reported', ({ type }) => type === 'DELETED');
  assert.deepEqual(await everywhere(), []);
}

const title = '[sig-apps] Job should';

export const job: readonly Behaviour[] = [
  behaviour(`${title} adopt matching orphans and release non-matching pods [Conformance]`, adoptsAndReleases),
  behaviour(
    `${title} create pods for an Indexed job with completion indexes and specified hostname [Conformance]`,
    indexed,
  ),
  behaviour(
    `${title} run a job to completion when tasks sometimes fail and are locally restarted [Conformance]`,
    restartsInPlace,
  ),
  behaviour(`${title} delete a job [Conformance]`, deletion),
  behaviour(`${title} apply changes to a job status [Conformance]`, status),
  behaviour(`${title} manage the lifecycle of a job [Conformance]`, lifecycle),
  ...jobPolicies,
];
