/** A namespace that is being deleted: step by step from the caches, and against a real API server. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configMaps, namespaces, pods, secrets } from '#api/generated/kinds.gen.ts';
import type { Namespace } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import type { Client } from '#client/client.ts';
import { createInformers } from '#client/informers/informers.ts';
import { allowUpTo } from '#testing/controllers/allowance.ts';
import { type ControlledCluster, withControllers } from '#testing/controllers/controlled-cluster.ts';
import { DryController } from '#testing/controllers/dry-controller.ts';
import { printed } from '#testing/controllers/plans.ts';
import { longAgo, storedMetadata, storedPod } from '#testing/objects.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import { afterDeletion, namespaceController } from './namespace.ts';

const namespace = 'work';

function terminating(phase: string, finalizers = ['kubernetes']): Stored<Namespace> {
  const metadata = storedMetadata('n', { deletionTimestamp: longAgo });
  return { metadata, spec: { finalizers }, status: { phase } };
}

const rows: [string, Stored<Namespace>, string[]][] = [
  ['that lives', { metadata: storedMetadata('n') }, []],
  ['that is deleted', terminating('Active'), ['status Namespace n']],
  ['that terminates', terminating('Terminating'), ['deleteContent Namespace n']],
  ['that was finalized', terminating('Terminating', ['example.com/x']), []],
];
for (const [name, object, expected] of rows) {
  test(`a namespace ${name} – ${expected[0] ?? 'nothing'}`, async () => {
    const controller = new DryController(namespaceController).put(namespaces, object);
    assert.deepEqual(await controller.printed('n'), expected);
  });
}

test('the last pod of a namespace that is being deleted – the namespace is looked at soon after', () => {
  const [inside, outside] = [storedPod('a', { metadata: { namespace: 'n' } }), storedPod('b')];
  const controller = new DryController(namespaceController);
  controller.put(namespaces, terminating('Terminating')).put(pods, inside, outside);
  controller.woken();
  controller.remove(pods, inside).remove(pods, outside);
  assert.deepEqual(controller.woken(), ['n after 200 ms']);
});

const nothing = {
  counts: new Map<string, number>(),
  finalizers: new Map<string, number>(),
  discoveryFailures: [],
  deletionFailures: [],
  estimateSeconds: 0,
};

test('nothing left – the namespace is finalized after its status', () => {
  assert.deepEqual(printed(afterDeletion(terminating('Terminating'), nothing, 0)), [
    'status Namespace n',
    'finalize Namespace n',
  ]);
});

test('something left – conditions say what, and it is looked at again after half of the longest wait', () => {
  const counts = new Map([['pods.', 2]]);
  const finalizers = new Map([['x/y', 1]]);
  const left = { ...nothing, counts, finalizers, estimateSeconds: 30 };
  const plan = afterDeletion(terminating('Terminating'), left, 0);
  assert.deepEqual(printed(plan), ['status Namespace n', 'again after 16000 ms']);
  const [step] = plan.actions;
  assert.ok(step?.do === 'updateStatus');
  const { conditions = [] } = (step.object as Namespace).status ?? {};
  const bad = conditions.filter(({ status }) => status === 'True');
  assert.deepEqual(
    bad.map(({ reason, message }) => `${reason}: ${message}`),
    [
      'SomeResourcesRemain: Some resources are remaining: pods. has 2 resource instances',
      'SomeFinalizersRemain: Some content in the namespace has finalizers remaining: x/y in 1 resource instances',
    ],
  );
});

test('something that could not be deleted – it is tried again after a second', () => {
  const failed = { ...nothing, deletionFailures: ['why'] };
  assert.deepEqual(printed(afterDeletion(terminating('Terminating'), failed, 0)), [
    'status Namespace n',
    'again after 1000 ms',
  ]);
});

function withNamespace(body: (cluster: ControlledCluster) => Promise<void>): Promise<void> {
  return withControllers([namespaceController], async (cluster) => {
    await cluster.client.create(namespaces, { metadata: { name: namespace } });
    await body(cluster);
  });
}

const conditionOf = ({ client, eventually }: ControlledCluster, wanted: string) =>
  eventually(wanted, async () => {
    const { status } = await client.get(namespaces, { name: namespace });
    return status?.conditions?.find(({ type, status }) => type === wanted && status === 'True')?.message;
  });

const isGone = ({ client, eventually }: ControlledCluster) =>
  eventually('the end of the namespace', async () => {
    const { items } = await client.list(namespaces);
    return items.every(({ metadata }) => metadata.name !== namespace);
  });

const hold = { finalizers: ['example.com/hold'] };
const release = { metadata: { finalizers: null } };

test('a deleted namespace – with content – is removed with its content, and reports what it waits for', () =>
  withNamespace(async (cluster) => {
    const { client } = cluster;
    await client.create(configMaps, { metadata: { name: 'plain', namespace } });
    await client.create(configMaps, { metadata: { name: 'held', namespace, ...hold } });
    await client.create(secrets, { metadata: { name: 'secret', namespace } });
    await client.delete(namespaces, { name: namespace });
    assert.equal(
      await conditionOf(cluster, 'NamespaceFinalizersRemaining'),
      'Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances',
    );
    const left = (await client.list(configMaps, { namespace })).items;
    assert.deepEqual(
      left.map(({ metadata }) => metadata.name),
      ['held'],
    );
    await client.patch(configMaps, { namespace, name: 'held' }, 'merge', release);
    await isGone(cluster);
  }));

test('a deleted namespace – with very much content – is emptied page by page', () =>
  withNamespace(async (cluster) => {
    const { client } = cluster;
    const names = Array.from({ length: 1100 }, (_, i) => `m-${i}`);
    const held = names.filter((_, i) => i % 100 === 0);
    await Promise.all(
      names.map((name) => {
        const metadata = { name, namespace, ...(held.includes(name) ? hold : {}) };
        return client.create(configMaps, { metadata });
      }),
    );
    await client.delete(namespaces, { name: namespace });
    assert.equal(
      await conditionOf(cluster, 'NamespaceContentRemaining'),
      'Some resources are remaining: configmaps. has 11 resource instances',
    );
    for (const name of held) await client.patch(configMaps, { namespace, name }, 'merge', release);
    await isGone(cluster);
  }));

test('a recreated namespace – the old one is still cached – keeps its content', async () => {
  await using api = await startTestServer();
  const { env, client } = api;
  const held = Promise.withResolvers<void>();
  const watch: Client['watch'] = async function* (type, options) {
    for await (const event of client.watch(type, options)) {
      const { metadata } = event.object;
      // No event of the old namespace is delivered after its deletion began.
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
  await client.create(configMaps, { metadata: { name: 'kept', namespace } });
  const running = namespaceController.start({
    env,
    client,
    informers,
    enqueue: () => {},
    watch: () => {},
    allowance: allowUpTo(500),
    ending: new AbortController().signal,
  });
  try {
    const plan = await running.reconcile(namespace, { isCurrent: true });
    assert.deepEqual(printed(plan), []);
    assert.equal((await client.list(configMaps, { namespace })).items.length, 1);
  } finally {
    held.resolve();
    informers.stop();
  }
});
