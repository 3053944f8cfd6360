import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  controllerRevisions,
  daemonSets,
  events,
  namespaces,
  nodes,
  pods,
  statefulSets,
} from '#api/generated/kinds.gen.ts';
import type { Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import { startControllers } from '#client/controllers/controller-runner.ts';
import { createInformers } from '#client/informers/informers.ts';
import { openInProcess } from '#testing/api-server.ts';
import { eventually } from '#testing/client-suite.ts';
import { keepPods, type PodKeeper } from '#testing/pod-keeper.ts';
import { daemonSet } from './daemon-set/daemon-set.ts';
import { nodeOfPod } from './daemon-set/pod.ts';
import { statefulSet } from './stateful-set/stateful-set.ts';

const namespace = 'default';
const labels = { app: 'web' };
const template = (image: string) => ({ metadata: { labels }, spec: { containers: [{ name: 'c', image }] } });

interface Cluster {
  client: Client;
  env: Env;
  keeper: PodKeeper;
  livingPods(): Promise<Stored<Pod>[]>;
}

function withSets(title: string, body: (cluster: Cluster) => Promise<void>): void {
  test(title, async () => {
    const { env, client, close } = await openInProcess();
    const informers = createInformers(client, env);
    await client.create(namespaces, { metadata: { name: namespace } });
    const controllers = startControllers([daemonSet, statefulSet], { env, client, informers });
    const keeper = keepPods({ env, client, informers });
    const livingPods = async () =>
      (await client.list(pods, { namespace })).items.filter(({ metadata }) => !metadata.deletionTimestamp);
    try {
      await body({ client, env, keeper, livingPods });
    } finally {
      keeper.stop();
      await controllers.stop();
      informers.stop();
      await close();
    }
  });
}

withSets('a daemon set has one pod on every node it may use, and rolls over one by one', async (cluster) => {
  const { client, env, livingPods } = cluster;
  for (const name of ['n1', 'n2', 'n3']) {
    const taints = name === 'n3' ? [{ key: 'only', value: 'gpu', effect: 'NoSchedule' }] : [];
    await client.create(nodes, { metadata: { name }, spec: { taints } });
  }
  const spec = { selector: { matchLabels: labels }, template: template('v1') };
  const annotations = { 'kubernetes.io/change-cause': 'first of all' };
  await client.create(daemonSets, { metadata: { name: 'ds', namespace, annotations }, spec });
  const ready = (image: string) =>
    eventually(env, `two pods of ${image}`, async () => {
      const all = await livingPods();
      const { status } = await client.get(daemonSets, { namespace, name: 'ds' });
      const isDone = status?.numberAvailable === 2 && status.updatedNumberScheduled === 2;
      return isDone && all.every((pod) => pod.spec?.containers[0]?.image === image) ? all : undefined;
    });
  const first = await ready('v1');
  const fields = first.map((pod) => nodeOfPod({ spec: { ...pod.spec!, nodeName: '' } }));
  assert.deepEqual(fields.sort(), ['n1', 'n2']);
  await client.patch(daemonSets, { namespace, name: 'ds' }, 'merge', { spec: { template: template('v2') } });
  await ready('v2');
  const history = (await client.list(controllerRevisions, { namespace })).items;
  assert.deepEqual(history.map(({ revision }) => revision).sort(), [1, 2]);
  const causes = history.map(({ metadata }) => metadata.annotations?.['kubernetes.io/change-cause']);
  assert.equal(causes[0], 'first of all');
  await client.patch(nodes, { name: 'n3' }, 'merge', { spec: { taints: null } });
  await eventually(env, 'a third pod', async () => (await livingPods()).length === 3 || undefined);
});

withSets(
  'a stateful set makes its pods in order, replaces and removes them from the top',
  async (cluster) => {
    const { client, env, keeper, livingPods } = cluster;
    keeper.refuseImage = 'v1';
    const spec = {
      replicas: 3,
      serviceName: 'web',
      selector: { matchLabels: labels },
      template: template('v1'),
    };
    await client.create(statefulSets, { metadata: { name: 'web', namespace }, spec });
    await eventually(env, 'the first pod', async () => (await livingPods()).length === 1 || undefined);
    keeper.refuseImage = undefined;
    await client.delete(pods, { namespace, name: 'web-0' });
    const settled = (image: string, names: string[]) =>
      eventually(env, `${names} of ${image}`, async () => {
        const all = await livingPods();
        const { status } = await client.get(statefulSets, { namespace, name: 'web' });
        const isDone = status?.availableReplicas === names.length && status.updatedReplicas === names.length;
        const isRight = all.every((pod) => pod.spec?.containers[0]?.image === image);
        return isDone && isRight && all.map(({ metadata }) => metadata.name).join() === names.join()
          ? all
          : undefined;
      });
    const all = await settled('v1', ['web-0', 'web-1', 'web-2']);
    assert.deepEqual([all[1]?.spec?.hostname, all[1]?.spec?.subdomain], ['web-1', 'web']);
    await client.patch(statefulSets, { namespace, name: 'web' }, 'merge', {
      spec: { template: template('v2') },
    });
    await settled('v2', ['web-0', 'web-1', 'web-2']);
    const { status } = await client.get(statefulSets, { namespace, name: 'web' });
    assert.equal(status?.currentRevision, status?.updateRevision);
    await client.patch(statefulSets, { namespace, name: 'web' }, 'merge', { spec: { replicas: 1 } });
    await settled('v2', ['web-0']);
    const told = (await client.list(events, { namespace })).items.map(({ message }) => message);
    assert.ok(told.includes('create Pod web-2 in StatefulSet web successful'));
  },
);
