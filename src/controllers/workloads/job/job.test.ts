import assert from 'node:assert/strict';
import { test } from 'node:test';
import { events, jobs, namespaces, pods } from '#api/generated/kinds.gen.ts';
import type { Job, JobSpec } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import { startControllers } from '#client/controllers/controller-runner.ts';
import { createInformers } from '#client/informers/informers.ts';
import { systemEnv } from '#host/system-env.ts';
import { eventually } from '#testing/client-suite.ts';
import { DryController } from '#testing/controllers/dry-controller.ts';
import { jobOf, podOf } from '#testing/objects/jobs.ts';
import { ownedBy } from '#testing/objects.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { trackingFinalizer } from './counts.ts';
import { job } from './job.ts';
import { ttlAfterFinished } from './ttl-after-finished.ts';

const namespace = 'default';

interface Cluster {
  client: Client;
  env: Env;
  clock: VirtualClock;
  /** Ends every running pod. */
  endPods(phase: 'Succeeded' | 'Failed'): Promise<number>;
}

function withJobs(title: string, body: (cluster: Cluster) => Promise<void>): void {
  test(title, async () => {
    const env = systemEnv();
    const clock = new VirtualClock();
    await using api = await startTestServer({ env: { clock } });
    const { client } = api;
    const informers = createInformers(client, { ...env, clock });
    await client.create(namespaces, { metadata: { name: namespace } });
    const controllers = startControllers([job, ttlAfterFinished], {
      env: { ...env, clock },
      client,
      informers,
    });
    const endPods = async (phase: 'Succeeded' | 'Failed') => {
      const { items } = await client.list(pods, { namespace });
      const running = items.filter(
        ({ status, metadata }) => status?.phase === 'Pending' && !metadata.deletionTimestamp,
      );
      for (const { metadata } of running) {
        const key = { namespace, name: metadata.name };
        await client.patch(pods, key, 'merge', { status: { phase } }, { subresource: 'status' });
      }
      return running.length;
    };
    try {
      await body({ client, env, clock, endPods });
    } finally {
      await controllers.stop();
      informers.stop();
    }
  });
}

const create = (client: Client, spec: Partial<JobSpec>) =>
  client.create(jobs, {
    metadata: { name: 'pi', namespace },
    spec: {
      template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'pi' }] } },
      ...spec,
    },
  });

const hasEnded = ({ client, env }: Cluster, type: string) =>
  eventually(env, `the job to be ${type}`, async () => {
    const { status } = await client.get(jobs, { namespace, name: 'pi' });
    return status?.conditions?.some((condition) => condition.type === type && condition.status === 'True')
      ? status
      : undefined;
  });

withJobs(
  'a job – two pods at a time until five have succeeded – then deleted after its time to live',
  async (cluster) => {
    const { client, env, clock, endPods } = cluster;
    await create(client, { completions: 5, parallelism: 2, ttlSecondsAfterFinished: 60 });
    let done = 0;
    while (done < 5) {
      const count = await eventually(env, 'pods', async () => (await endPods('Succeeded')) || undefined);
      assert.ok(count <= 2);
      done += count;
    }
    const status = await hasEnded(cluster, 'Complete');
    assert.deepEqual([status.succeeded, status.active ?? 0], [5, 0]);
    const all = (await client.list(pods, { namespace })).items;
    assert.equal(all.length, 5);
    assert.ok(all.every(({ metadata }) => !metadata.finalizers?.length));
    await eventually(
      env,
      'the event',
      async () =>
        (await client.list(events, { namespace })).items.some(({ reason }) => reason === 'Completed') ||
        undefined,
    );
    await clock.advance(61_000);
    await eventually(env, 'the deletion', async () => {
      const job = await client.get(jobs, { namespace, name: 'pi' }).catch(() => undefined);
      return job === undefined || job.metadata.deletionTimestamp !== undefined || undefined;
    });
  },
);

withJobs('failed pods – replaced with back-off until the limit is passed', async (cluster) => {
  const { client, env, clock, endPods } = cluster;
  await create(client, { backoffLimit: 1 });
  await eventually(env, 'the first pod', async () => (await endPods('Failed')) || undefined);
  await eventually(env, 'the failure to be counted', async () => {
    const { status } = await client.get(jobs, { namespace, name: 'pi' });
    return status?.failed === 1 || undefined;
  });
  assert.equal((await client.list(pods, { namespace })).items.length, 1, 'ten seconds must pass');
  await eventually(env, 'the second pod', async () => {
    await clock.advance(5_000);
    return (await endPods('Failed')) || undefined;
  });
  const status = await hasEnded(cluster, 'Failed');
  assert.equal(status.failed, 2);
  assert.equal(status.conditions?.find(({ type }) => type === 'Failed')?.reason, 'BackoffLimitExceeded');
});

withJobs('an Indexed job – every pod has its index', async (cluster) => {
  const { client, env, endPods } = cluster;
  await create(client, { completions: 3, parallelism: 3, completionMode: 'Indexed' });
  const all = await eventually(env, 'three pods', async () => {
    const { items } = await client.list(pods, { namespace });
    return items.length === 3 ? items : undefined;
  });
  assert.deepEqual(all.map(({ spec }) => spec?.hostname).sort(), ['pi-0', 'pi-1', 'pi-2']);
  await endPods('Succeeded');
  assert.equal((await hasEnded(cluster, 'Complete')).completedIndexes, '0-2');
});

withJobs('tracked pods – their job is gone – they lose the finalizer, owned or orphaned', async (cluster) => {
  const { client, env } = cluster;
  const metadata = {
    namespace,
    finalizers: [trackingFinalizer],
    labels: { 'batch.kubernetes.io/job-name': 'gone' },
  };
  const spec = { containers: [{ name: 'c', image: 'pi' }] };
  const owner = { apiVersion: 'batch/v1', kind: 'Job', name: 'gone', uid: 'u', controller: true };
  await client.create(pods, { metadata: { ...metadata, name: 'orphan' }, spec });
  await client.create(pods, { metadata: { ...metadata, name: 'owned', ownerReferences: [owner] }, spec });
  await eventually(env, 'the finalizers to go', async () => {
    const { items } = await client.list(pods, { namespace });
    return items.every((pod) => !pod.metadata.finalizers?.length) || undefined;
  });
});

const stored = (more: Partial<JobSpec> = {}) => jobOf({ selector: { matchLabels: { a: 'b' } }, ...more });
const tracked = (name: string, labels: Record<string, string>, owner?: Stored<Job>) => {
  const pod = podOf(name, { phase: 'Running' });
  const ownerReferences = owner ? [ownedBy(jobs, owner)] : [];
  return { ...pod, metadata: { ...pod.metadata, labels, ownerReferences } };
};
const released = (name: string) =>
  `  patch Pod n/${name} {"metadata":{"uid":"${name}","$deleteFromPrimitiveList/finalizers":["batch.kubernetes.io/job-tracking"]}}`;

test('a job that is gone – the pods that it tracked lose the finalizer', async () => {
  const controller = new DryController(job).put(pods, tracked('p', { 'batch.kubernetes.io/job-name': 'j' }));
  assert.deepEqual(controller.woken(), ['n/j']);
  assert.deepEqual(await controller.printed('n/j'), ['together', released('p')]);
});

test('a job that another controller manages – nothing', async () => {
  const controller = new DryController(job).put(jobs, stored({ managedBy: 'example.com/other' }));
  assert.deepEqual(await controller.printed('n/j'), []);
});

test('pods of another job of this name – they lose the finalizer, and are not counted', async () => {
  const former = { ...stored(), metadata: { ...stored().metadata, uid: 'former' } };
  const controller = new DryController(job).put(jobs, stored({ suspend: true }));
  controller.put(pods, tracked('p', { 'batch.kubernetes.io/job-name': 'j' }, former));
  assert.deepEqual((await controller.printed('n/j')).slice(0, 2), ['together', released('p')]);
});

test('a new job – its pods are created; refused, it still starts and counts', async () => {
  const controller = new DryController(job).put(jobs, { ...stored({ parallelism: 2 }), status: {} });
  assert.deepEqual(await controller.printed('n/j'), [
    'together slow-start expected',
    '  create Pod n/j-* (2 times)',
    '    then event Normal SuccessfulCreate "Created pod: <name>"',
    '    if failed event Warning FailedCreate "Error creating: <error>"',
    '  if failed status Job n/j',
    'status Job n/j',
  ]);
});

test('pods – which changes wake their job', () => {
  const controller = new DryController(job).put(jobs, stored());
  controller.woken();
  controller.put(pods, tracked('p', { a: 'b' }, stored()));
  assert.deepEqual(controller.woken(), ['n/j']);
  const orphan = podOf('orphan', { phase: 'Running' });
  controller.put(pods, { ...orphan, metadata: { ...orphan.metadata, labels: { a: 'b' } } });
  assert.deepEqual(controller.woken(), ['n/j'], 'an orphan that it may adopt');
  controller.put(pods, { ...orphan, metadata: { ...orphan.metadata, labels: { a: 'c' } } });
  assert.deepEqual(controller.woken(), ['n/j'], 'an orphan that it might have adopted');
});
