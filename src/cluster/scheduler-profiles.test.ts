/** A cluster with the section `scheduler` of a configuration: its simulated nodes get the pods of its profiles only. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readClusterConfiguration } from '#api/configuration/cluster-configuration.ts';
import { events, pods } from '#api/generated/kinds.gen.ts';
import { isPodReady } from '#api/pods/state.ts';
import type { Client } from '#client/client.ts';
import { systemEnv } from '#host/system-env.ts';
import { eventually } from '#testing/client-suite.ts';
import { startCluster } from './cluster.ts';

const namespace = 'default';
const env = systemEnv();
const configuration = readClusterConfiguration({
  apiVersion: 'kybern.dev/v1',
  kind: 'ClusterConfiguration',
  scheduler: { profiles: [{ schedulerName: 'default-scheduler' }, { schedulerName: 'batch' }] },
});

test('a cluster with a second profile – a pod of that name – becomes ready; one of an unknown name waits', async () => {
  const cluster = await startCluster({ env, simulatedNodes: 1, configuration });
  try {
    await isServedByName(cluster.client);
  } finally {
    await cluster.stop();
  }
});

async function isServedByName(client: Client): Promise<void> {
  for (const schedulerName of ['unknown', 'batch']) {
    const spec = { schedulerName, containers: [{ name: 'c', image: 'i' }] };
    await client.create(pods, { metadata: { name: `of-${schedulerName}`, namespace }, spec });
  }
  await eventually(env, 'the pod of batch is ready', async () =>
    isPodReady(await client.get(pods, { namespace, name: 'of-batch' })),
  );
  const scheduled = await eventually(env, 'its event', async () => {
    const { items } = await client.list(events, { namespace });
    return items.find(({ reason }) => reason === 'Scheduled');
  });
  assert.deepEqual([scheduled.involvedObject.name, scheduled.source?.component], ['of-batch', 'batch']);
  const waiting = await client.get(pods, { namespace, name: 'of-unknown' });
  assert.deepEqual([waiting.spec?.nodeName, waiting.status?.conditions], [undefined, undefined]);
}
