/** A job may be observed before the status of the CronJob that records it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cronJobs, events, jobs, namespaces } from '#api/generated/kinds.gen.ts';
import type { CronJobSpec } from '#api/generated/types.gen.ts';
import type { Client } from '#client/client.ts';
import { startControllers } from '#client/controllers/controller-runner.ts';
import { createInformers } from '#client/informers/informers.ts';
import { systemEnv } from '#host/system-env.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { cronJob } from './cron-job.ts';

const namespace = 'default';
const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } };

/** A client whose watch of CronJobs delivers nothing until it is released. */
function withSlowWatch(client: Client): { slow: Client; release(): void } {
  const held = Promise.withResolvers<void>();
  const watch: Client['watch'] = async function* (type, options) {
    for await (const event of client.watch(type, options)) {
      if ((type as { resource: string }).resource === cronJobs.resource) await held.promise;
      yield event;
    }
  };
  return { slow: { ...client, watch }, release: held.resolve };
}

async function reasonsAfterRuns(spec: Partial<CronJobSpec>, started: Date): Promise<string[]> {
  const clock = new VirtualClock(started.getTime());
  const env = { ...systemEnv(), clock };
  await using api = await startTestServer({ env });
  const { client } = api;
  await client.create(namespaces, { metadata: { name: namespace } });
  await client.create(cronJobs, {
    metadata: { name: 'tick', namespace },
    spec: { schedule: '* * * * *', jobTemplate: { spec: { template } }, ...spec },
  });
  const { slow, release } = withSlowWatch(client);
  const informers = createInformers(slow, env);
  const controllers = startControllers([cronJob], { env, client, informers });
  try {
    await clock.advance(61_000);
    assert.equal((await client.list(jobs, { namespace })).items.length, 1, 'the job of the first minute');
    release();
    await clock.advance(61_000);
    const { items } = await client.list(events, { namespace });
    return items.map(({ reason }) => reason ?? '');
  } finally {
    await controllers.stop();
    informers.stop();
  }
}

test('a job – seen before the status that names it – it is not unexpected', async () => {
  const reasons = await reasonsAfterRuns({}, new Date('2026-01-01T00:00:30Z'));
  assert.deepEqual([...new Set(reasons)], ['SuccessfulCreate']);
});

test('a job – replaced – it is not missing', async () => {
  const reasons = await reasonsAfterRuns({ concurrencyPolicy: 'Replace' }, new Date('2026-01-01T00:00:30Z'));
  assert.deepEqual([...new Set(reasons)].sort(), ['SuccessfulCreate', 'SuccessfulDelete']);
});
