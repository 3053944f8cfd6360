import assert from 'node:assert/strict';
import { test } from 'node:test';
import { componentStatuses, deployments, nodes, pods } from '#api/generated/kinds.gen.ts';
import { isNodeReady } from '#api/nodes/state.ts';
import type { Clock } from '#base/clock.ts';
import { systemClock, systemEnv } from '#host/system-env.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { informerShows } from './readiness.ts';

const limitMs = 30_000;

async function deployAndWait(cluster: Cluster, name: string, replicas: number): Promise<void> {
  const labels = { app: name };
  await cluster.client.create(deployments, {
    metadata: { name, namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'busybox' }] } },
    },
  });
  await available(cluster, name, replicas);
}

function available(cluster: Cluster, name: string, replicas: number): Promise<void> {
  return informerShows(
    cluster.informers.for(deployments),
    systemClock,
    limitMs,
    `${name} available`,
    (found) =>
      found.some(
        (deployment) =>
          deployment.metadata.name === name && deployment.status?.availableReplicas === replicas,
      ),
  );
}

test('health of the control plane – reports every component', async () => {
  await using cluster = await startCluster();
  const { items } = await cluster.client.list(componentStatuses);
  assert.deepEqual(
    items.map(({ metadata, conditions }) => [
      metadata.name,
      conditions?.[0]?.status,
      conditions?.[0]?.message,
    ]),
    ['controller-manager', 'scheduler', 'etcd-0'].map((name) => [name, 'True', 'ok']),
  );
});

test('several clusters in one process – do not see each other', async (t) => {
  const clusters = await Promise.all(['one', 'two'].map((name) => startCluster({ name, simulatedNodes: 2 })));
  t.after(() => Promise.all(clusters.map((cluster) => cluster.stop())));
  await Promise.all(clusters.map((cluster, index) => deployAndWait(cluster, `web-${index}`, 3)));
  for (const [index, cluster] of clusters.entries()) {
    const names = (await cluster.client.list(pods)).items.map((pod) => pod.metadata.labels?.['app']);
    assert.deepEqual(names, Array(3).fill(`web-${index}`));
  }
  assert.notEqual(clusters[0]?.url, clusters[1]?.url);
});

test('a wall clock that jumps an hour – costs no node and no pod', async () => {
  let aheadMs = 0;
  const clock: Clock = { ...systemClock, now: () => systemClock.now() + aheadMs };
  await using cluster = await startCluster({ env: { ...systemEnv(), clock }, simulatedNodes: 1 });
  await deployAndWait(cluster, 'calm', 3);
  const uids = async () => (await cluster.client.list(pods)).items.map((pod) => pod.metadata.uid).sort();
  const before = await uids();
  aheadMs = 3_600_000;
  await deployAndWait(cluster, 'after', 2);
  assert.ok((await cluster.client.list(nodes)).items.every(isNodeReady));
  assert.deepEqual(
    (await uids()).filter((uid) => before.includes(uid)),
    before,
  );
});

test('a start that fails – stops what it had started and names the step', async () => {
  await assert.rejects(
    startCluster({ listen: { host: '203.0.113.7', port: 0 } }),
    /^StepError: API server: .*EADDRNOTAVAIL/,
  );
});
