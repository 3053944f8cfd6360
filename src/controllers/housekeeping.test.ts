/** Namespaces, service accounts, the root CA, pod ranges and the garbage collector against a real API server. */

import assert from 'node:assert/strict';
import test from 'node:test';
import {
  configMaps,
  events,
  namespaces,
  nodes,
  pods,
  secrets,
  serviceAccounts,
} from '#api/generated/kinds.gen.ts';
import type { KubeObject, OwnerReference, Stored } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { StatusError } from '#api/meta/status.ts';
import type { Clock } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import { startControllers } from '#client/controllers/controller-runner.ts';
import { createInformers } from '#client/informers/informers.ts';
import { allowUpTo } from '#testing/allowance.ts';
import { openInProcess } from '#testing/api-server.ts';
import { eventually } from '#testing/client-suite.ts';
import { garbageCollector } from './garbage-collector/garbage-collector.ts';
import { namespaceController } from './namespaces/namespace.ts';
import { rootCaPublisher } from './namespaces/root-ca.ts';
import { serviceAccount } from './namespaces/service-account.ts';
import { nodeIpam } from './nodes/node-ipam.ts';

const namespace = 'work';
const all = [
  garbageCollector,
  namespaceController,
  nodeIpam('10.244.0.0/16'),
  rootCaPublisher('PEM'),
  serviceAccount,
];

interface Cluster {
  readonly env: Env;
  readonly client: Client;
}

function withCluster(title: string, body: (cluster: Cluster) => Promise<void>): void {
  test(title, async () => {
    const { env, client, close } = await openInProcess();
    const informers = createInformers(client, env);
    await client.create(namespaces, { metadata: { name: namespace } });
    // Waiting times of many seconds pass a hundred times as fast.
    const clock: Clock = { ...env.clock, after: (delayMs, fn) => env.clock.after(delayMs / 100, fn) };
    const controllers = startControllers(all, { env: { ...env, clock }, client, informers });
    const hold = setInterval(() => {}, 60_000);
    try {
      await body({ env, client });
    } finally {
      clearInterval(hold);
      await controllers.stop();
      informers.stop();
      await close();
    }
  });
}

async function exists(client: Client, type: ResourceType, name: string, at: string | undefined = namespace) {
  try {
    return await client.get(type, at ? { namespace: at, name } : { name });
  } catch (error) {
    if (error instanceof StatusError && error.code === 404) return undefined;
    throw error;
  }
}

function gone({ env, client }: Cluster, type: ResourceType, name: string, at?: string): Promise<true> {
  return eventually(env, `${type.kind} ${name} is gone`, async () =>
    (await exists(client, type, name, at)) ? undefined : (true as const),
  ) as Promise<true>;
}

function ownedBy(owner: Stored<KubeObject>, kind = 'ConfigMap'): OwnerReference {
  const { name, uid } = owner.metadata;
  return { apiVersion: 'v1', kind, name, uid, blockOwnerDeletion: true };
}

function map(client: Client, name: string, owners: OwnerReference[] = [], more: object = {}) {
  return client.create(configMaps, { metadata: { name, namespace, ownerReferences: owners, ...more } });
}

withCluster(
  'a new namespace gets its service account and the CA, again when they are lost',
  async (cluster) => {
    const { env, client } = cluster;
    const account = () => exists(client, serviceAccounts, 'default');
    const ca = async () =>
      (await client.get(configMaps, { namespace, name: 'kube-root-ca.crt' })).data?.['ca.crt'];
    await eventually(env, 'account', account);
    await eventually(env, 'CA', () => exists(client, configMaps, 'kube-root-ca.crt'));
    await client.delete(serviceAccounts, { namespace, name: 'default' });
    await eventually(env, 'account again', account);
    await client.patch(configMaps, { namespace, name: 'kube-root-ca.crt' }, 'merge', {
      data: { 'ca.crt': 'x' },
    });
    await eventually(env, 'CA again', async () => (await ca()) === 'PEM' || undefined);
  },
);

withCluster('a deleted namespace goes with all it holds, and says what it waits for', async (cluster) => {
  const { env, client } = cluster;
  await map(client, 'plain');
  await map(client, 'held', [], { finalizers: ['example.com/hold'] });
  await client.create(secrets, { metadata: { name: 'secret', namespace } });
  await client.delete(namespaces, { name: namespace });
  const message = await eventually(env, 'a condition', async () => {
    const { status } = await client.get(namespaces, { name: namespace });
    return status?.conditions?.find(
      ({ type, status }) => type === 'NamespaceFinalizersRemaining' && status === 'True',
    )?.message;
  });
  assert.equal(
    message,
    'Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances',
  );
  assert.equal(await exists(client, configMaps, 'plain'), undefined);
  await client.patch(configMaps, { namespace, name: 'held' }, 'merge', { metadata: { finalizers: null } });
  await gone(cluster, namespaces, namespace, '');
});

withCluster('a deleted namespace goes page by page when it holds a lot', async (cluster) => {
  const { env, client } = cluster;
  const hold = { finalizers: ['example.com/hold'] };
  const names = Array.from({ length: 1100 }, (_, i) => `m-${i}`);
  await Promise.all(names.map((name, i) => map(client, name, [], i % 100 === 0 ? hold : {})));
  await client.delete(namespaces, { name: namespace });
  const message = await eventually(env, 'a condition', async () => {
    const { status } = await client.get(namespaces, { name: namespace });
    return status?.conditions?.find(
      ({ type, status }) => type === 'NamespaceContentRemaining' && status === 'True',
    )?.message;
  });
  assert.equal(message, 'Some resources are remaining: configmaps. has 11 resource instances');
  for (const name of names.filter((_, i) => i % 100 === 0))
    await client.patch(configMaps, { namespace, name }, 'merge', { metadata: { finalizers: null } });
  await gone(cluster, namespaces, namespace, '');
});

withCluster('each node gets a pod range of its own', async ({ env, client }) => {
  for (const name of ['a', 'b']) await client.create(nodes, { metadata: { name } });
  const range = (name: string) =>
    eventually(env, `range of ${name}`, async () => (await client.get(nodes, { name })).spec?.podCIDRs?.[0]);
  assert.deepEqual([await range('a'), await range('b')].sort(), ['10.244.0.0/24', '10.244.1.0/24']);
});

withCluster('background: dependents go after their last owner', async (cluster) => {
  const { client } = cluster;
  const first = await map(client, 'first');
  const second = await map(client, 'second');
  await map(client, 'of-first', [ownedBy(first)]);
  await map(client, 'of-both', [ownedBy(first), ownedBy(second)]);
  await client.delete(configMaps, { namespace, name: 'first' }, { propagationPolicy: 'Background' });
  await gone(cluster, configMaps, 'of-first');
  const owners = await eventually(cluster.env, 'one owner', async () => {
    const { ownerReferences = [] } = (await client.get(configMaps, { namespace, name: 'of-both' })).metadata;
    return ownerReferences.length === 1 ? ownerReferences : undefined;
  });
  assert.equal(owners[0]?.name, 'second');
  await client.delete(configMaps, { namespace, name: 'second' });
  await gone(cluster, configMaps, 'of-both');
});

withCluster('foreground: the owner waits for what blocks it', async (cluster) => {
  const { client, env } = cluster;
  const owner = await map(client, 'owner');
  const child = await map(client, 'child', [ownedBy(owner)], { finalizers: ['example.com/hold'] });
  await map(client, 'grandchild', [ownedBy(child)]);
  await client.delete(configMaps, { namespace, name: 'owner' }, { propagationPolicy: 'Foreground' });
  await gone(cluster, configMaps, 'grandchild');
  await eventually(
    env,
    'child is being deleted',
    async () => (await exists(client, configMaps, 'child'))?.metadata.deletionTimestamp,
  );
  assert.ok(await exists(client, configMaps, 'owner'));
  await client.patch(configMaps, { namespace, name: 'child' }, 'json', [
    { op: 'remove', path: '/metadata/finalizers/0' },
  ]);
  await gone(cluster, configMaps, 'child');
  await gone(cluster, configMaps, 'owner');
});

withCluster('orphan: dependents stay and forget their owner', async (cluster) => {
  const { client, env } = cluster;
  const owner = await map(client, 'owner');
  await map(client, 'child', [ownedBy(owner)]);
  // Seen by the collector before the owner goes.
  await eventually(env, 'settled', () => exists(client, configMaps, 'kube-root-ca.crt'));
  await client.delete(configMaps, { namespace, name: 'owner' }, { propagationPolicy: 'Orphan' });
  await gone(cluster, configMaps, 'owner');
  const child = await client.get(configMaps, { namespace, name: 'child' });
  assert.equal(child.metadata.ownerReferences?.length ?? 0, 0);
});

withCluster('an owner in another namespace is no owner', async (cluster) => {
  const { client, env } = cluster;
  await client.create(namespaces, { metadata: { name: 'far' } });
  const far = await client.create(configMaps, { metadata: { name: 'far', namespace: 'far' } });
  await map(client, 'lost', [ownedBy(far)]);
  await gone(cluster, configMaps, 'lost');
  const event = await eventually(env, 'event', async () => {
    const { items } = await client.list(events, { namespace });
    return items.find(({ reason }) => reason === 'OwnerRefInvalidNamespace');
  });
  const { uid } = far.metadata;
  assert.equal(
    event.message,
    `ownerRef [v1/ConfigMap, namespace: work, name: far, uid: ${uid}] does not exist in namespace "work"`,
  );
  assert.ok(await exists(client, configMaps, 'far', 'far'));
});

withCluster('an object whose owner never existed is removed', async (cluster) => {
  const reference = {
    apiVersion: 'v1',
    kind: 'Pod',
    name: 'nobody',
    uid: '00000000-0000-0000-0000-000000000000',
  };
  await map(cluster.client, 'waif', [reference]);
  await gone(cluster, configMaps, 'waif');
  assert.equal(await exists(cluster.client, pods, 'nobody'), undefined);
});

withCluster('foreground: a circle of owners does not hold itself up', async (cluster) => {
  const { client } = cluster;
  const ring = [await map(client, 'one'), await map(client, 'two'), await map(client, 'three')];
  for (const [i, { metadata }] of ring.entries()) {
    const ownerReferences = [ownedBy(ring[(i + 2) % 3]!)];
    await client.patch(configMaps, { namespace, name: metadata.name }, 'merge', {
      metadata: { ownerReferences },
    });
  }
  await client.delete(configMaps, { namespace, name: 'one' }, { propagationPolicy: 'Foreground' });
  for (const { metadata } of ring) await gone(cluster, configMaps, metadata.name);
});

withCluster('foreground: what another owner still holds stays, without the reference', async (cluster) => {
  const { client } = cluster;
  const going = await map(client, 'going');
  const staying = await map(client, 'staying');
  await map(client, 'shared', [ownedBy(going), ownedBy(staying)]);
  await map(client, 'own', [ownedBy(going)]);
  await client.delete(configMaps, { namespace, name: 'going' }, { propagationPolicy: 'Foreground' });
  await gone(cluster, configMaps, 'own');
  await gone(cluster, configMaps, 'going');
  const shared = await client.get(configMaps, { namespace, name: 'shared' });
  assert.deepEqual(
    shared.metadata.ownerReferences?.map(({ name }) => name),
    ['staying'],
  );
});

test('a namespace that was made again under its name keeps what it holds, though the old one is still seen', async () => {
  const { env, client, close } = await openInProcess();
  const held = Promise.withResolvers<void>();
  const watch: Client['watch'] = async function* (type, options) {
    for await (const event of client.watch(type, options)) {
      const { metadata } = event.object;
      // Of the old one nothing is seen after the beginning of its end.
      if (metadata.name === namespace && !metadata.deletionTimestamp) await held.promise;
      yield event;
    }
  };
  const informers = createInformers({ ...client, watch }, env);
  await client.create(namespaces, { metadata: { name: namespace }, spec: { finalizers: ['example.com/x'] } });
  await client.delete(namespaces, { name: namespace });
  informers.for(namespaces);
  await informers.synced();
  await client.update(
    namespaces,
    { ...(await client.get(namespaces, { name: namespace })), spec: { finalizers: [] } },
    { subresource: 'finalize' },
  );
  await client.create(namespaces, { metadata: { name: namespace } });
  await map(client, 'kept');
  const running = namespaceController.start({
    env,
    client,
    informers,
    enqueue: () => {},
    watch: () => {},
    allowance: allowUpTo(500),
  });
  try {
    const plan = await running.reconcile(namespace, { isCurrent: true });
    assert.deepEqual(plan.actions, []);
    assert.ok(await exists(client, configMaps, 'kept'));
  } finally {
    held.resolve();
    running.stop?.();
    informers.stop();
    await close();
  }
});
