/** What Jobs make of failed and succeeded pods when policies are given: per pod, per index, for the job. */

import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jobs, pods } from '#api/generated/kinds.gen.ts';
import type { Eviction, JobSpec } from '#api/generated/types.gen.ts';
import { type Behaviour, type BehaviourContext, behaviour } from '../behaviour.ts';
import { conditionOf, createJob, indexOf, jobEnds, jobRuns, podsOfJob } from './jobs.ts';

const index = '$JOB_COMPLETION_INDEX';
const forever = 'exec sleep 1000000';
const oddFail = `exit $((${index} % 2))`;
const onlyFirstEnds = `test ${index} = 0 || ${forever}`;

function onExitCodes(action: string, ...values: number[]): Partial<JobSpec> {
  const rule = { action, onExitCodes: { containerName: 'main', operator: 'In', values } };
  return { podFailurePolicy: { rules: [rule] } };
}

async function indexesOfPods(context: BehaviourContext, name: string): Promise<number[]> {
  return (await podsOfJob(context, name)).map(indexOf).sort();
}

async function failsEarly(context: BehaviourContext): Promise<void> {
  const { namespace } = context;
  const spec = { completions: 1, parallelism: 1, ...onExitCodes('FailJob', 3) };
  const ends = { 'simulated.kybern.dev/exit-code': '3' };
  await createJob(context, 'early', spec, 'exit 3', {}, ends);
  const status = await jobEnds(context, 'early', 'Failed', 'PodFailurePolicy');
  const [pod, ...more] = await podsOfJob(context, 'early');
  assert.deepEqual(more, [], 'no pod was made in its place');
  assert.equal(status.failed, 1);
  assert.equal(
    conditionOf(status, 'Failed')?.message,
    `Container main for pod ${namespace}/${pod?.metadata.name} failed with exit code 3 matching FailJob rule at index 0`,
  );
}

/**
 * Every index is evicted once, which would fail the job if it counted. A file on the node lets the next pod
 * end.
 */
async function ignoresEvictions(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const path = join(tmpdir(), `kybern-conformance-${process.pid}-${namespace}`);
  context.after(async () => rmSync(path, { recursive: true, force: true }));
  const onPodConditions = [{ type: 'DisruptionTarget', status: 'True' }];
  const spec: Partial<JobSpec> = {
    completionMode: 'Indexed',
    completions: 2,
    backoffLimit: 0,
    podFailurePolicy: { rules: [{ action: 'Ignore', onPodConditions }] },
  };
  const script = `test -f /marks/${index} && exit 0; touch /marks/${index}; ${forever}`;
  const volumes = [{ name: 'marks', hostPath: { path, type: 'DirectoryOrCreate' } }];
  await createJob(context, 'evicted', spec, script, { volumes });
  const first = await jobRuns(context, 'evicted');
  for (const { metadata } of first) {
    await context.eventually('the pod has left its mark', async () => {
      return (await context.exec(metadata.name, ['ls', '/marks'])).includes(
        String(metadata.labels?.['batch.kubernetes.io/job-completion-index']),
      );
    });
    const eviction: Eviction = {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: metadata.name, namespace },
    };
    await client.createSubresource(pods, { namespace, name: metadata.name }, 'eviction', eviction);
  }
  const status = await jobEnds(context, 'evicted', 'Complete', 'CompletionsReached');
  assert.equal(status.succeeded, 2);
  assert.equal(status.completedIndexes, '0,1');
  assert.equal(status.failed ?? 0, 0);
  const before = first.map(({ metadata }) => metadata.uid);
  const ended = (await podsOfJob(context, 'evicted')).filter((pod) => pod.status?.phase === 'Succeeded');
  assert.equal(ended.length, 2);
  assert.ok(ended.every(({ metadata }) => !before.includes(metadata.uid)));
}

async function runsAllIndexes(context: BehaviourContext): Promise<void> {
  const spec = { completionMode: 'Indexed', backoffLimitPerIndex: 1 };
  const made = await createJob(context, 'all-indexes', spec, oddFail);
  assert.equal(made.spec?.backoffLimit, 2147483647);
  const status = await jobEnds(context, 'all-indexes', 'Failed', 'FailedIndexes');
  assert.equal(status.failedIndexes, '1,3');
  assert.equal(status.completedIndexes, '0,2');
  assert.equal(status.succeeded, 2);
  assert.equal(status.failed, 4, 'every odd index was tried twice');
  assert.deepEqual(await indexesOfPods(context, 'all-indexes'), [0, 1, 1, 2, 3, 3]);
}

async function failsIndexes(context: BehaviourContext): Promise<void> {
  const spec = { completionMode: 'Indexed', backoffLimitPerIndex: 1, ...onExitCodes('FailIndex', 1) };
  await createJob(context, 'fail-index', { ...spec, completions: 2 }, oddFail);
  const status = await jobEnds(context, 'fail-index', 'Failed', 'FailedIndexes');
  assert.equal(status.failedIndexes, '1');
  assert.equal(status.completedIndexes, '0');
  assert.equal(status.failed, 1, 'the index was tried once');
  assert.deepEqual(await indexesOfPods(context, 'fail-index'), [0, 1]);
}

async function stopsAtTooManyFailed(context: BehaviourContext): Promise<void> {
  const spec = { completionMode: 'Indexed', backoffLimitPerIndex: 0, maxFailedIndexes: 0 };
  await createJob(context, 'too-many', spec, `test ${index} != 0 || exit 1; ${forever}`);
  const status = await jobEnds(context, 'too-many', 'Failed', 'MaxFailedIndexesExceeded');
  assert.equal(status.failedIndexes, '0');
  assert.equal(status.completedIndexes ?? '', '');
  assert.equal(status.failed, 2, 'what still ran counts as failed');
  await context.eventually('nothing runs any more', async () => {
    const running = (await podsOfJob(context, 'too-many')).filter(
      ({ status }) => status?.phase === 'Running',
    );
    return running.length === 0;
  });
  assert.ok(
    (await indexesOfPods(context, 'too-many')).every((index) => index < 2),
    'no further index was begun',
  );
}

async function succeeds(
  context: BehaviourContext,
  rule: { succeededIndexes?: string; succeededCount?: number },
  script: string,
  annotations: Record<string, string> = {},
) {
  const { client, namespace } = context;
  const spec = { completionMode: 'Indexed', completions: 2, successPolicy: { rules: [rule] } };
  await createJob(context, 'policy', spec, script, {}, annotations);
  const status = await jobEnds(context, 'policy', 'Complete', 'SuccessPolicy');
  assert.equal(conditionOf(status, 'Complete')?.message, 'Matched rules at index 0');
  assert.ok(status.completionTime);
  await context.eventually('nothing runs any more', async () => {
    return (await podsOfJob(context, 'policy')).every((pod) => pod.status?.phase === 'Succeeded');
  });
  return (await client.get(jobs, { namespace, name: 'policy' })).status!;
}

async function succeedsByAll(context: BehaviourContext): Promise<void> {
  const ends = { 'simulated.kybern.dev/exit-code': '0' };
  const status = await succeeds(context, { succeededIndexes: '0-1' }, 'true', ends);
  assert.equal(status.completedIndexes, '0,1');
  assert.equal(status.succeeded, 2);
}

async function succeedsByFirst(
  context: BehaviourContext,
  rule: { succeededIndexes?: string; succeededCount?: number },
): Promise<void> {
  const status = await succeeds(context, rule, onlyFirstEnds);
  assert.equal(status.completedIndexes, '0');
  assert.equal(status.succeeded, 1);
  assert.equal(status.failed ?? 0, 0, 'what was stopped has not failed');
}

const title = '[sig-apps] Job should';
const success = '[sig-apps] Job with successPolicy';

export const jobPolicies: readonly Behaviour[] = [
  behaviour(
    `${title} allow to use the pod failure policy on exit code to fail the job early [Conformance]`,
    failsEarly,
  ),
  behaviour(
    `${title} allow to use a pod failure policy to ignore failure matching on DisruptionTarget condition [Conformance]`,
    ignoresEvictions,
  ),
  behaviour(
    `${title} execute all indexes despite some failing when using backoffLimitPerIndex [Conformance]`,
    runsAllIndexes,
  ),
  behaviour(
    `${title} mark indexes as failed when the FailIndex action is matched in podFailurePolicy [Conformance]`,
    failsIndexes,
  ),
  behaviour(
    `${title} terminate job execution when the number of failed indexes exceeds maxFailedIndexes [Conformance]`,
    stopsAtTooManyFailed,
  ),
  behaviour(`${success} should succeeded when all indexes succeeded [Conformance]`, succeedsByAll),
  behaviour(
    `${success} succeededCount rule should succeeded even when some indexes remain pending [Conformance]`,
    (context) => succeedsByFirst(context, { succeededCount: 1 }),
  ),
  behaviour(
    `${success} succeededIndexes rule should succeeded even when some indexes remain pending [Conformance]`,
    (context) => succeedsByFirst(context, { succeededIndexes: '0' }),
  ),
];
