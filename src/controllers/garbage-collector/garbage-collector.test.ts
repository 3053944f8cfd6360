/** Plans of the garbage collector, and objects and their owners against a real API server. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configMaps, events, namespaces, pods } from '#api/generated/kinds.gen.ts';
import type { ConfigMap } from '#api/generated/types.gen.ts';
import type { KubeObject, OwnerReference, Stored } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { StatusError } from '#api/meta/status.ts';
import type { Client } from '#client/client.ts';
import { type ControlledCluster, withControllers } from '#testing/controllers/controlled-cluster.ts';
import { DryController } from '#testing/controllers/dry-controller.ts';
import { longAgo, storedMetadata } from '#testing/objects.ts';
import { garbageCollector } from './garbage-collector.ts';

const namespace = 'default';

const stored = (name: string, owners: OwnerReference[] = [], more: object = {}): Stored<ConfigMap> => ({
  metadata: storedMetadata(name, { namespace, ownerReferences: owners, ...more }),
});

async function planOf(uid: string, ...objects: Stored<ConfigMap>[]): Promise<string[]> {
  const controller = new DryController(garbageCollector, { served: [configMaps] });
  controller.put(configMaps, ...objects);
  await controller.clock.advance(2_000);
  return controller.printed(uid);
}

const owner = stored('owner');
const waiting = stored('owner', [], { deletionTimestamp: longAgo, finalizers: ['foregroundDeletion'] });
const orphaning = stored('owner', [], { deletionTimestamp: longAgo, finalizers: ['orphan'] });
const [child, other] = [stored('child', [ownedBy(owner)]), stored('other')];
const shared = stored('child', [ownedBy(owner), ownedBy(other)]);

const rows: [string, string, Stored<ConfigMap>[], string[]][] = [
  ['an owner is there', 'delete child', [owner, child], []],
  ['no owner is left', 'delete child', [child], ['deleteUnowned ConfigMap default/child']],
  ['one of two owners is left', 'delete child', [shared, other], ['dropOwners ConfigMap default/child']],
  ['the owner waits for it', 'delete child', [waiting, child], ['deleteUnowned ConfigMap default/child']],
  ['it waits for its dependents', 'delete owner', [waiting, child], ['wake delete child']],
  ['it waits for nothing', 'delete owner', [waiting], ['dropFinalizer ConfigMap default/owner']],
  [
    'its dependents must forget it',
    'orphan owner',
    [orphaning, child],
    ['together', '  dropOwners ConfigMap default/child', 'dropFinalizer ConfigMap default/owner'],
  ],
  ['it is unknown', 'delete nothing', [], []],
];
for (const [name, key, objects, expected] of rows) {
  test(`an object – ${name} – ${expected[0] ?? 'it stays'}`, async () => {
    assert.deepEqual(await planOf(key, ...objects), expected);
  });
}

test('a circle with one waiting owner – its references stop blocking before it is deleted', async () => {
  const blocked = stored('child', [ownedBy(waiting)], {});
  const below = stored('below', [ownedBy(blocked)], {
    deletionTimestamp: longAgo,
    finalizers: ['foregroundDeletion'],
  });
  assert.deepEqual(await planOf('delete child', waiting, blocked, below), [
    'unblockOwners ConfigMap default/child',
    'deleteUnowned ConfigMap default/child',
  ]);
});

function withCollector(title: string, body: (cluster: ControlledCluster) => Promise<void>): void {
  test(title, () => withControllers([garbageCollector], body));
}

async function exists(client: Client, type: ResourceType, name: string, at: string = namespace) {
  try {
    return await client.get(type, { namespace: at, name });
  } catch (error) {
    if (error instanceof StatusError && error.code === 404) return undefined;
    throw error;
  }
}

function isGone(
  { client, eventually }: ControlledCluster,
  type: ResourceType,
  name: string,
): Promise<boolean> {
  return eventually(`the end of ${type.kind} ${name}`, async () => !(await exists(client, type, name)));
}

function ownedBy(owner: Stored<KubeObject>, kind = 'ConfigMap'): OwnerReference {
  const { name, uid } = owner.metadata;
  return { apiVersion: 'v1', kind, name, uid, blockOwnerDeletion: true };
}

function map(client: Client, name: string, owners: OwnerReference[] = [], more: object = {}) {
  return client.create(configMaps, { metadata: { name, namespace, ownerReferences: owners, ...more } });
}

withCollector('background deletion – dependents go after their last owner', async (cluster) => {
  const { client } = cluster;
  const first = await map(client, 'first');
  const second = await map(client, 'second');
  await map(client, 'of-first', [ownedBy(first)]);
  await map(client, 'of-both', [ownedBy(first), ownedBy(second)]);
  await client.delete(configMaps, { namespace, name: 'first' }, { propagationPolicy: 'Background' });
  await isGone(cluster, configMaps, 'of-first');
  const owners = await cluster.eventually('one owner', async () => {
    const { ownerReferences = [] } = (await client.get(configMaps, { namespace, name: 'of-both' })).metadata;
    return ownerReferences.length === 1 ? ownerReferences : undefined;
  });
  assert.equal(owners[0]?.name, 'second');
  await client.delete(configMaps, { namespace, name: 'second' });
  await isGone(cluster, configMaps, 'of-both');
});

withCollector('foreground deletion – the owner waits for the dependents that block it', async (cluster) => {
  const { client } = cluster;
  const owner = await map(client, 'owner');
  const child = await map(client, 'child', [ownedBy(owner)], { finalizers: ['example.com/hold'] });
  await map(client, 'grandchild', [ownedBy(child)]);
  await client.delete(configMaps, { namespace, name: 'owner' }, { propagationPolicy: 'Foreground' });
  await isGone(cluster, configMaps, 'grandchild');
  await cluster.eventually('the deletion of the child', async () => {
    return (await exists(client, configMaps, 'child'))?.metadata.deletionTimestamp;
  });
  assert.ok(await exists(client, configMaps, 'owner'));
  await client.patch(configMaps, { namespace, name: 'child' }, 'json', [
    { op: 'remove', path: '/metadata/finalizers/0' },
  ]);
  await isGone(cluster, configMaps, 'child');
  await isGone(cluster, configMaps, 'owner');
});

withCollector('orphaning deletion – dependents stay, without their owner', async (cluster) => {
  const { client } = cluster;
  const owner = await map(client, 'owner');
  await map(client, 'child', [ownedBy(owner)]);
  // The collector must observe it before the owner is deleted.
  const cached = cluster.informers.for(configMaps);
  await cluster.eventually('the child in the cache', async () => cached.get(namespace, 'child'));
  await client.delete(configMaps, { namespace, name: 'owner' }, { propagationPolicy: 'Orphan' });
  await isGone(cluster, configMaps, 'owner');
  const child = await client.get(configMaps, { namespace, name: 'child' });
  assert.equal(child.metadata.ownerReferences?.length ?? 0, 0);
});

withCollector(
  'an owner in another namespace – it is none: an event, and the dependent goes',
  async (cluster) => {
    const { client } = cluster;
    await client.create(namespaces, { metadata: { name: 'far' } });
    const far = await client.create(configMaps, { metadata: { name: 'far', namespace: 'far' } });
    await map(client, 'lost', [ownedBy(far)]);
    await isGone(cluster, configMaps, 'lost');
    const event = await cluster.eventually('event', async () => {
      const { items } = await client.list(events, { namespace });
      return items.find(({ reason }) => reason === 'OwnerRefInvalidNamespace');
    });
    const { uid } = far.metadata;
    assert.equal(
      event.message,
      `ownerRef [v1/ConfigMap, namespace: default, name: far, uid: ${uid}] does not exist in namespace "default"`,
    );
    assert.ok(await exists(client, configMaps, 'far', 'far'));
  },
);

withCollector('an object whose owner never existed – it goes', async (cluster) => {
  const reference = {
    apiVersion: 'v1',
    kind: 'Pod',
    name: 'never-there',
    uid: '00000000-0000-0000-0000-000000000000',
  };
  await map(cluster.client, 'lost', [reference]);
  await isGone(cluster, configMaps, 'lost');
  assert.equal(await exists(cluster.client, pods, 'never-there'), undefined);
});

withCollector('foreground deletion – a circle of owners goes', async (cluster) => {
  const { client } = cluster;
  const ring = [await map(client, 'one'), await map(client, 'two'), await map(client, 'three')];
  for (const [i, { metadata }] of ring.entries()) {
    const ownerReferences = [ownedBy(ring[(i + 2) % 3]!)];
    await client.patch(configMaps, { namespace, name: metadata.name }, 'merge', {
      metadata: { ownerReferences },
    });
  }
  await client.delete(configMaps, { namespace, name: 'one' }, { propagationPolicy: 'Foreground' });
  for (const { metadata } of ring) await isGone(cluster, configMaps, metadata.name);
});

withCollector(
  'foreground deletion – a dependent that another owner holds stays, without the reference',
  async (cluster) => {
    const { client } = cluster;
    const going = await map(client, 'going');
    const staying = await map(client, 'staying');
    await map(client, 'shared', [ownedBy(going), ownedBy(staying)]);
    await map(client, 'own', [ownedBy(going)]);
    await client.delete(configMaps, { namespace, name: 'going' }, { propagationPolicy: 'Foreground' });
    await isGone(cluster, configMaps, 'own');
    await isGone(cluster, configMaps, 'going');
    const shared = await client.get(configMaps, { namespace, name: 'shared' });
    assert.deepEqual(
      shared.metadata.ownerReferences?.map(({ name }) => name),
      ['staying'],
    );
  },
);
