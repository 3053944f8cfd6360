/** Preemption of a pod whose own binding waits: it gives up its node and is tried again, and nothing is deleted. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { namespaces, persistentVolumeClaims, storageClasses } from '#api/generated/kinds.gen.ts';
import { createInformers } from '#client/informers/informers.ts';
import { eventually } from '#testing/client-suite.ts';
import { ScheduledCluster } from '#testing/scheduled-cluster.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import { startScheduler } from './scheduler.ts';

const namespace = 'default';

/** Its volume is created by a provisioner that never does. */
async function makeClaim({ client }: ScheduledCluster): Promise<void> {
  await client.create(storageClasses, {
    metadata: { name: 'slow' },
    provisioner: 'example.com/slow',
    volumeBindingMode: 'WaitForFirstConsumer',
  });
  const resources = { requests: { storage: '1Gi' } };
  const spec = { accessModes: ['ReadWriteOnce'], storageClassName: 'slow', resources };
  await client.create(persistentVolumeClaims, { metadata: { name: 'data', namespace }, spec });
}

test('a pod that waits for its volume – its node is taken by a pod of higher priority – is not deleted', async () => {
  await using api = await startTestServer();
  const { env, client } = api;
  const informers = createInformers(client, env);
  await client.create(namespaces, { metadata: { name: namespace } });
  const scheduler = startScheduler({ env, client, informers });
  const cluster = new ScheduledCluster(env, client);
  try {
    await makeClaim(cluster);
    await cluster.node({ name: 'a', cpu: '2' });
    const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
    await cluster.pod({ name: 'lesser', cpu: '2' }, { volumes });
    await eventually(
      env,
      'its node is chosen',
      async () => (await cluster.get('lesser')).status?.nominatedNodeName,
    );
    await cluster.pod({ name: 'urgent', cpu: '2', priority: 100 });
    assert.equal(await cluster.bound('urgent'), 'a');
    const { uid } = (await cluster.get('urgent')).metadata;
    assert.equal(
      await cluster.event('lesser', 'Preempted'),
      `Normal default-scheduler: Preempted by pod ${uid} on node a (in kube-scheduler memory).`,
    );
    assert.match(await cluster.unschedulable('lesser'), /^0\/1 nodes are available: 1 Insufficient cpu\./);
    assert.equal((await cluster.get('lesser')).metadata.deletionTimestamp, undefined);
  } finally {
    scheduler.stop();
    informers.stop();
  }
});
