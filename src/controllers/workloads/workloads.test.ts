import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  deployments,
  endpointSlices,
  endpoints as endpointsType,
  events,
  namespaces,
  nodes,
  pods,
  replicaSets,
  replicationControllers,
  services,
} from '#api/generated/kinds.gen.ts';
import type { Deployment } from '#api/generated/types.gen.ts';
import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import { startControllers } from '#client/controllers/controller-runner.ts';
import type { Informers } from '#client/informers/informer.ts';
import { createInformers } from '#client/informers/informers.ts';
import { openInProcess } from '#testing/api-server.ts';
import { eventually } from '#testing/client-suite.ts';
import { keepPods, type PodKeeper } from '#testing/pod-keeper.ts';
import { endpointSlice } from '../services/endpoint-slice.ts';
import { endpointSliceMirroring } from '../services/endpoint-slice-mirroring.ts';
import { endpoints } from '../services/endpoints.ts';
import { deployment } from './deployment/deployment.ts';
import { replicaSet } from './replica-set/replica-set.ts';
import { replicationController } from './replica-set/replication-controller.ts';

const namespace = 'default';
const labels = { app: 'web' };
const all = [deployment, replicaSet, replicationController, endpoints, endpointSlice, endpointSliceMirroring];

interface Cluster {
  env: Env;
  client: Client;
  keeper: PodKeeper;
  informers: Informers;
}

function withCluster(title: string, body: (cluster: Cluster) => Promise<void>): void {
  test(title, async () => {
    const { env, client, close } = await openInProcess();
    const informers = createInformers(client, env);
    await client.create(namespaces, { metadata: { name: namespace } });
    await client.create(nodes, { metadata: { name: 'node-1' } });
    const controllers = startControllers(all, { env, client, informers });
    const keeper = keepPods({ env, client, informers });
    const hold = setInterval(() => {}, 60_000);
    try {
      await body({ env, client, keeper, informers });
    } finally {
      clearInterval(hold);
      keeper.stop();
      await controllers.stop();
      informers.stop();
      await close();
    }
  });
}

const template = (image: string) => ({
  metadata: { labels },
  spec: { containers: [{ name: 'c', image, ports: [{ name: 'http', containerPort: 8080 }] }] },
});

const web = (image: string, replicas: number): Deployment => ({
  metadata: { name: 'web', namespace },
  spec: { replicas, selector: { matchLabels: labels }, template: template(image) },
});

function untilRolledOut({ env, client }: Cluster, image: string, replicas: number) {
  return eventually(env, `${replicas} of ${image} and no others`, async () => {
    const { status, metadata } = await client.get(deployments, { namespace, name: 'web' });
    const done =
      status?.observedGeneration === metadata.generation &&
      status?.updatedReplicas === replicas &&
      status.replicas === replicas &&
      status.availableReplicas === replicas &&
      status.conditions?.some(({ reason }) => reason === 'NewReplicaSetAvailable');
    const { items } = await client.list(pods, { namespace, labelSelector: 'app=web' });
    const alive = items.filter((pod) => !pod.metadata.deletionTimestamp);
    return done && alive.every((pod) => pod.spec?.containers[0]?.image === image) ? status : undefined;
  });
}

withCluster('a deployment rolls out, rolls over, is undone and scaled', async (cluster) => {
  const { client, env } = cluster;
  await client.create(deployments, web('v1', 4));
  const { observedGeneration } = await untilRolledOut(cluster, 'v1', 4);
  assert.equal(observedGeneration, 1, 'writing down the revision makes no new generation');
  const byTemplate = { namespace, name: 'web' };
  await client.patch(deployments, byTemplate, 'merge', { spec: { template: template('v2') } });
  await untilRolledOut(cluster, 'v2', 4);
  await client.patch(deployments, byTemplate, 'merge', { spec: { template: template('v1') } });
  await untilRolledOut(cluster, 'v1', 4);
  await client.patch(deployments, byTemplate, 'merge', { spec: { replicas: 6 } });
  await untilRolledOut(cluster, 'v1', 6);

  const sets = (await client.list(replicaSets, { namespace })).items;
  const revisions = sets.map(({ metadata, spec }) => [
    metadata.annotations?.['deployment.kubernetes.io/revision'],
    spec?.replicas,
  ]);
  assert.deepEqual(revisions.sort(), [
    ['2', 0],
    ['3', 6],
  ]);
  await eventually(env, 'the revision on the deployment', async () => {
    const one = await client.get(deployments, byTemplate);
    return one.metadata.annotations?.['deployment.kubernetes.io/revision'] === '3' || undefined;
  });
  const told = (await client.list(events, { namespace })).items.map(
    ({ reason, message }) => `${reason} ${message}`,
  );
  assert.ok(told.some((text) => /^ScalingReplicaSet Scaled up replica set web-\w+ from 0 to 4$/.test(text)));
  assert.ok(told.some((text) => /^SuccessfulCreate Created pod: web-\w+-\w{5}$/.test(text)));
});

withCluster(
  'a deleted pod is replaced, an orphan adopted unless it has ended, a relabelled pod released',
  async ({ client, env, informers }) => {
    await client.create(pods, { metadata: { name: 'done', namespace, labels }, spec: template('v1').spec });
    await eventually(env, 'a running pod', async () => {
      const { status } = await client.get(pods, { namespace, name: 'done' });
      return status?.phase === 'Running' || undefined;
    });
    const status = { phase: 'Succeeded' };
    await client.patch(pods, { namespace, name: 'done' }, 'merge', { status }, { subresource: 'status' });
    const seen = () => informers.for(pods).get(namespace, 'done')?.status?.phase;
    await eventually(env, 'its end to be seen', async () => seen() === 'Succeeded' || undefined);
    await client.create(pods, { metadata: { name: 'orphan', namespace, labels }, spec: template('v1').spec });
    const spec = { replicas: 2, selector: labels, template: template('v1') };
    await client.create(replicationControllers, { metadata: { name: 'rc', namespace }, spec });
    const owned = async () =>
      (await client.list(pods, { namespace })).items.filter(
        ({ metadata }) => !metadata.deletionTimestamp && metadata.ownerReferences?.[0]?.name === 'rc',
      );
    const two = await eventually(env, 'two pods', async () => {
      const now = await owned();
      return now.length === 2 ? now : undefined;
    });
    assert.ok(two.some(({ metadata }) => metadata.name === 'orphan'));
    await client.patch(pods, { namespace, name: 'orphan' }, 'merge', {
      metadata: { labels: { app: 'other' } },
    });
    await client.delete(pods, {
      namespace,
      name: two.find((pod) => pod.metadata.name !== 'orphan')!.metadata.name,
    });
    await eventually(env, 'two other pods', async () => {
      const names = (await owned()).map(({ metadata }) => metadata.name);
      return (
        (names.length === 2 && !names.some((name) => two.some((pod) => pod.metadata.name === name))) ||
        undefined
      );
    });
    const orphan = await client.get(pods, { namespace, name: 'orphan' });
    assert.equal(orphan.metadata.ownerReferences?.length ?? 0, 0);
    const done = await client.get(pods, { namespace, name: 'done' });
    assert.equal(done.metadata.ownerReferences?.length ?? 0, 0);
  },
);

withCluster('a service finds its ready pods, in Endpoints and in slices', async (cluster) => {
  const { client, env, keeper } = cluster;
  const ports = [{ port: 80, targetPort: 'http', protocol: 'TCP' }];
  const selecting = { selector: labels, ports, clusterIP: 'None' };
  await client.create(services, { metadata: { name: 'web', namespace }, spec: selecting });
  await client.create(deployments, web('v1', 3));
  await untilRolledOut(cluster, 'v1', 3);
  const slices = () =>
    client.list(endpointSlices, { namespace, labelSelector: 'kubernetes.io/service-name=web' });
  await eventually(env, 'three ready endpoints', async () => {
    const ready = (await slices()).items.flatMap(({ endpoints: found = [] }) => found);
    return (ready.length === 3 && ready.every(({ conditions }) => conditions?.ready)) || undefined;
  });
  assert.equal((await slices()).items[0]?.ports?.[0]?.port, 8080);
  const one = await eventually(env, 'Endpoints', async () => {
    const found = await client.get(endpointsType, { namespace, name: 'web' }).catch(() => undefined);
    return found?.subsets?.[0]?.addresses?.length === 3 ? found : undefined;
  });
  assert.equal(one.metadata.labels?.['service.kubernetes.io/headless'], '');

  keeper.refuseImage = 'v2';
  await client.patch(deployments, { namespace, name: 'web' }, 'merge', {
    spec: { template: template('v2') },
  });
  await eventually(env, 'an endpoint that is not ready beside the three', async () => {
    const found = (await slices()).items.flatMap(({ endpoints: now = [] }) => now);
    const ready = found.filter(({ conditions }) => conditions?.ready);
    return (ready.length === 3 && found.length === 4) || undefined;
  });
});

withCluster('hand-made Endpoints of a service without selector are mirrored', async ({ client, env }) => {
  const ports = [{ port: 80, protocol: 'TCP' }];
  const subsets = [{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 8080, protocol: 'TCP' }] }];
  // First the Endpoints, as some manifests have it: nobody may take them for left over.
  await client.create(endpointsType, { metadata: { name: 'ext', namespace }, subsets });
  await client.create(services, { metadata: { name: 'ext', namespace }, spec: { ports, clusterIP: 'None' } });
  const slice = await eventually(
    env,
    'the mirror',
    async () => (await client.list(endpointSlices, { namespace })).items[0],
  );
  assert.deepEqual(slice.endpoints?.[0]?.addresses, ['192.0.2.1']);
  assert.equal(
    slice.metadata.labels?.['endpointslice.kubernetes.io/managed-by'],
    'endpointslicemirroring-controller.k8s.io',
  );
  await client.delete(endpointsType, { namespace, name: 'ext' });
  await eventually(
    env,
    'no mirror',
    async () => (await client.list(endpointSlices, { namespace })).items.length === 0 || undefined,
  );
});
