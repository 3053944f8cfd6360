/** The metrics API of a whole cluster: of simulated nodes, and beside an APIService that takes its place. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiServices, pods, services } from '#api/generated/kinds.gen.ts';
import type { Pod } from '#api/generated/types.gen.ts';
import { isConditionTrue } from '#api/meta/conditions.ts';
import { nodeMetricses, podMetricses } from '#api/resource-metrics/kinds.ts';
import { systemEnv } from '#host/system-env.ts';
import { MovableClock } from '#testing/library/movable-clock.ts';
import { json, startExtensionServer } from '#testing/server/extension-server.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { informerShows } from './readiness.ts';

const clock = new MovableClock();
const limitMs = 30_000;

async function startRunning(t: { after(fn: () => Promise<void>): void }): Promise<Cluster> {
  const cluster = await startCluster({ env: { ...systemEnv(), clock }, simulatedNodes: 2 });
  t.after(() => cluster.stop());
  const annotations = { 'simulated.kybern.dev/cpu': '250m', 'simulated.kybern.dev/memory.b': '64Mi' };
  const containers = ['a', 'b'].map((name) => ({ name, image: `${name}:1` }));
  await cluster.client.create(pods, {
    metadata: { name: 'web', namespace: 'default', annotations },
    spec: { nodeName: 'simulated-1', containers },
  } as Pod);
  await informerShows(cluster.informers.for(pods), clock, limitMs, 'web running', (found) =>
    found.some(({ status }) => status?.phase === 'Running'),
  );
  await clock.advance(15_000);
  return cluster;
}

test('the metrics API – of simulated nodes – shows the scripted use, which follows the annotations of a pod', async (t) => {
  const { client } = await startRunning(t);
  const usageOf = async () => {
    const pod = await client.get(podMetricses, { namespace: 'default', name: 'web' });
    return pod.containers.map(({ name, usage }) => [name, usage.cpu, usage.memory]);
  };
  assert.deepEqual(await usageOf(), [
    ['a', '250m', '16Mi'],
    ['b', '250m', '64Mi'],
  ]);
  const { items } = await client.list(nodeMetricses);
  assert.deepEqual(
    items.map(({ metadata, usage }) => [metadata.name, usage.cpu, usage.memory]),
    [
      ['simulated-0', '0', '0'],
      ['simulated-1', '500m', '80Mi'],
    ],
  );
  const at = { namespace: 'default', name: 'web' };
  await client.patch(pods, at, 'merge', { metadata: { annotations: { 'simulated.kybern.dev/cpu.a': '2' } } });
  await t.waitFor(async () => assert.deepEqual((await usageOf())[0], ['a', '2', '16Mi']));
});

test('the stats summary – of a simulated node, through nodes/proxy – is its own: name, pods, capacity', async (t) => {
  const { client } = await startRunning(t);
  const summary = async (name: string) => {
    const read = await client.raw('GET', `/api/v1/nodes/${name}/proxy/stats/summary`);
    const { node, pods } = read as { node: Summary; pods: { podRef: { name: string } }[] };
    return [node.nodeName, node.memory.availableBytes, pods.map(({ podRef }) => podRef.name)];
  };
  const gibibyte = 2 ** 30;
  assert.deepEqual(await summary('simulated-0'), ['simulated-0', 256 * gibibyte, []]);
  assert.deepEqual(await summary('simulated-1'), ['simulated-1', 256 * gibibyte - 80 * 2 ** 20, ['web']]);
});

interface Summary {
  readonly nodeName: string;
  readonly memory: { readonly availableBytes: number };
}

test('the metrics API – while an APIService gives its version to a service – is answered there, and here again afterwards', async (t) => {
  const { client, informers } = await startRunning(t);
  const extension = await startExtensionServer('metrics.k8s.io');
  t.after(() => extension[Symbol.asyncDispose]());
  const item = { metadata: { name: 'theirs' } };
  extension.reply = (_, response) =>
    json(response, 200, { kind: 'NodeMetricsList', apiVersion: 'metrics.k8s.io/v1beta1', items: [item] });
  const names = async () => (await client.list(nodeMetricses)).items.map(({ metadata }) => metadata.name);

  await client.create(services, {
    metadata: { name: 'extension', namespace: 'default' },
    spec: { type: 'ExternalName', externalName: 'localhost' },
  });
  const name = 'v1beta1.metrics.k8s.io';
  const { caBundle, port } = extension;
  await client.create(apiServices, {
    metadata: { name },
    spec: {
      group: 'metrics.k8s.io',
      version: 'v1beta1',
      groupPriorityMinimum: 100,
      versionPriority: 100,
      caBundle,
      service: { namespace: 'default', name: 'extension', port },
    },
  });
  await informerShows(informers.for(apiServices), clock, limitMs, 'their server available', (found) =>
    found.some((service) => service.metadata.name === name && isConditionTrue(service.status, 'Available')),
  );
  assert.deepEqual(await names(), ['theirs']);
  await client.delete(apiServices, { name });
  await t.waitFor(async () => assert.deepEqual(await names(), ['simulated-0', 'simulated-1']));
});
