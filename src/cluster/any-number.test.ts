/**
 * Sets with more replicas than can exist: the cluster keeps working with them, and starts again with them.
 */

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  cronJobs,
  deployments,
  jobs,
  pods,
  replicaSets,
  replicationControllers,
  statefulSets,
} from '#api/generated/kinds.gen.ts';
import type { Client } from '#client/client.ts';
import { systemEnv } from '#host/system-env.ts';
import { eventually } from '#testing/client-suite.ts';
import { startCluster } from './cluster.ts';

const namespace = 'default';
const env = systemEnv();
const replicas = 2 ** 31 - 1;
const kinds = ['deployment', 'replica-set', 'controller', 'stateful-set', 'job', 'indexed-job'] as const;

async function createAll(client: Client): Promise<void> {
  const specFor = (a: string) => {
    const spec = { containers: [{ name: 'c', image: 'i' }] };
    return { selector: { matchLabels: { a } }, template: { metadata: { labels: { a } }, spec } };
  };
  const at = (name: string) => ({ metadata: { name, namespace } });
  const [deployment, replicaSet, controller, statefulSet, job, indexed] = kinds;
  await client.create(deployments, { ...at(deployment), spec: { replicas, ...specFor(deployment) } });
  await client.create(replicaSets, { ...at(replicaSet), spec: { replicas, ...specFor(replicaSet) } });
  const { template } = specFor(controller);
  const spec = { replicas, selector: { a: controller }, template };
  await client.create(replicationControllers, { ...at(controller), spec });
  const parallel = { serviceName: 's', podManagementPolicy: 'Parallel' };
  await client.create(statefulSets, {
    ...at(statefulSet),
    spec: { replicas, ordinals: { start: replicas }, ...parallel, ...specFor(statefulSet) },
  });
  const jobTemplate = (a: string) => {
    const template = specFor(a).template;
    return { ...template, spec: { ...template.spec, restartPolicy: 'Never' } };
  };
  const endless = { completions: replicas, backoffLimit: replicas };
  await client.create(jobs, {
    ...at(job),
    spec: { ...endless, parallelism: replicas, template: jobTemplate(job) },
  });
  await client.create(jobs, {
    ...at(indexed),
    spec: {
      ...endless,
      parallelism: 100_000,
      completionMode: 'Indexed',
      successPolicy: { rules: [{ succeededIndexes: `0-${replicas - 1}` }] },
      template: jobTemplate(indexed),
    },
  });
  const history = { successfulJobsHistoryLimit: replicas, failedJobsHistoryLimit: replicas };
  await client.create(cronJobs, {
    ...at('cron'),
    spec: { schedule: '@every 1s', ...history, jobTemplate: { spec: { template: jobTemplate('cron') } } },
  });
}

function untilAllHavePods(client: Client): Promise<unknown> {
  return eventually(env, 'pods of every kind', async () => {
    for (const a of kinds) {
      const { items } = await client.list(pods, { namespace, labelSelector: `a=${a}`, limit: 1 });
      if (items.length === 0) return undefined;
    }
    return true;
  });
}

test('sets of every kind with two thousand million replicas – all get pods, and the store starts again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kybern-any-number-'));
  const store = { sqlite: join(folder, 'state.db') };
  try {
    const first = await startCluster({ store });
    await createAll(first.client);
    await untilAllHavePods(first.client);
    await first.stop();
    const second = await startCluster({ store });
    await untilAllHavePods(second.client);
    const { metadata } = await second.client.list(pods, { namespace, limit: 1 });
    assert.ok((metadata.remainingItemCount ?? 0) > kinds.length);
    await second.stop();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
