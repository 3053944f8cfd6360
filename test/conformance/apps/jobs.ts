/** Jobs that behaviours run, and how they are seen to end. */

import assert from 'node:assert/strict';
import { jobs, pods } from '#api/generated/kinds.gen.ts';
import type { Job, JobCondition, JobSpec, JobStatus, Pod, PodSpec } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { type BehaviourContext, images } from '../behaviour.ts';
import { shell } from '../common/running.ts';

/**
 * Its pods run `script`, or until they are stopped; two at a time, four in all. Volumes lie at their names.
 */
export function createJob(
  { client, namespace }: BehaviourContext,
  name: string,
  spec: Partial<JobSpec> = {},
  script?: string,
  pod: Partial<PodSpec> = {},
  annotations: Record<string, string> = {},
): Promise<Stored<Job>> {
  const main = {
    name: 'main',
    image: images.busybox,
    ...(script ? { command: shell(script) } : {}),
    volumeMounts: (pod.volumes ?? []).map((volume) => ({ name: volume.name, mountPath: `/${volume.name}` })),
  };
  const template = {
    metadata: { annotations },
    spec: { restartPolicy: 'Never', terminationGracePeriodSeconds: 1, ...pod, containers: [main] },
  };
  return client.create(jobs, {
    metadata: { name, namespace, labels: { app: name } },
    spec: { parallelism: 2, completions: 4, template, ...spec },
  });
}

export async function podsOfJob(context: BehaviourContext, name: string): Promise<Stored<Pod>[]> {
  const { client, namespace } = context;
  const labelSelector = `batch.kubernetes.io/job-name=${name}`;
  return (await client.list(pods, { namespace, labelSelector })).items;
}

export function indexOf({ metadata }: Pod): number {
  return Number(metadata?.annotations?.['batch.kubernetes.io/job-completion-index']);
}

/** So many of the Job's pods run, and its status counts them. */
export async function jobRuns(context: BehaviourContext, name: string, count = 2): Promise<Stored<Pod>[]> {
  const { client, namespace } = context;
  return context.eventually(
    `${count} pods of Job ${name} run`,
    async () => {
      const running = (await podsOfJob(context, name)).filter(
        ({ status, metadata }) => status?.phase === 'Running' && !metadata.deletionTimestamp,
      );
      assert.equal(running.length, count);
      assert.equal((await client.get(jobs, { namespace, name })).status?.active, count);
      return running;
    },
    120_000,
  );
}

export function conditionOf({ conditions = [] }: JobStatus, type: string): JobCondition | undefined {
  return conditions.find((condition) => condition.type === type && condition.status === 'True');
}

/** It has ended this way, said so beforehand, and nothing of it is left to run or to count. */
export async function jobEnds(
  context: BehaviourContext,
  name: string,
  outcome: 'Complete' | 'Failed',
  reason: string,
): Promise<JobStatus> {
  const { client, namespace } = context;
  const status = await context.eventually(
    `Job ${name} is ${outcome}`,
    async () => {
      const found = (await client.get(jobs, { namespace, name })).status ?? {};
      assert.ok(conditionOf(found, outcome), JSON.stringify(found));
      return found;
    },
    180_000,
  );
  const reported = JSON.stringify(status);
  const announcement = outcome === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget';
  assert.equal(conditionOf(status, outcome)?.reason, reason, reported);
  assert.equal(conditionOf(status, announcement)?.reason, reason, reported);
  assert.equal(conditionOf(status, outcome === 'Complete' ? 'Failed' : 'Complete'), undefined, reported);
  assert.equal(status.active ?? 0, 0, reported);
  assert.equal(status.terminating ?? 0, 0, reported);
  assert.deepEqual(status.uncountedTerminatedPods ?? {}, {}, reported);
  return status;
}
