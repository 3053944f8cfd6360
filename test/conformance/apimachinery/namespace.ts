/** Namespaces: emptied when deleted, pods first; patched, updated, finalized. */

import assert from 'node:assert/strict';
import { configMaps, namespaces, pods, serviceAccounts, services } from '#api/generated/kinds.gen.ts';
import type { Namespace } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { type Behaviour, type BehaviourContext, behaviour } from '../behaviour.ts';
import { change, isGone, nginxPod } from '../shared/workloads.ts';

const fakeFinalizer = 'conformance.example.com/fake';

/** A namespace besides the behaviour's own, ready to take pods. */
async function create(context: BehaviourContext): Promise<string> {
  const { client, namespace } = context;
  const name = `${namespace}-more`;
  await client.create(namespaces, { metadata: { name } });
  context.after(() => client.delete(namespaces, { name }));
  await context.eventually('the default ServiceAccount', () =>
    client.get(serviceAccounts, { namespace: name, name: 'default' }),
  );
  return name;
}

function untilGone(context: BehaviourContext, name: string): Promise<unknown> {
  return context.eventually(
    'the namespace is gone',
    () => isGone(context.client, namespaces, { name }),
    90_000,
  );
}

async function removesPods(context: BehaviourContext): Promise<void> {
  const { client } = context;
  const name = await create(context);
  await client.create(pods, { metadata: { name: 'pod', namespace: name }, spec: nginxPod() });
  await context.eventually('the pod runs', async () => {
    return (await client.get(pods, { namespace: name, name: 'pod' })).status?.phase === 'Running';
  });
  await client.delete(namespaces, { name });
  await untilGone(context, name);
  await create(context);
  assert.deepEqual((await client.list(pods, { namespace: name })).items, []);
}

async function removesServices(context: BehaviourContext): Promise<void> {
  const { client } = context;
  const name = await create(context);
  await client.create(services, {
    metadata: { name: 'service', namespace: name },
    spec: { ports: [{ port: 80 }], selector: { app: 'any' } },
  });
  await client.delete(namespaces, { name });
  await untilGone(context, name);
  await create(context);
  assert.deepEqual((await client.list(services, { namespace: name })).items, []);
}

async function patches(context: BehaviourContext): Promise<void> {
  const { client } = context;
  const name = await create(context);
  await client.patch(namespaces, { name }, 'strategic', { metadata: { labels: { patched: 'yes' } } });
  assert.equal((await client.get(namespaces, { name })).metadata.labels?.patched, 'yes');
}

async function updates(context: BehaviourContext): Promise<void> {
  const { client } = context;
  const name = await create(context);
  const updated = await change(client, namespaces, { name }, ({ metadata }) => {
    metadata.labels = { ...metadata.labels, updated: 'yes' };
  });
  assert.equal(updated.metadata.labels?.updated, 'yes');
  assert.equal((await client.get(namespaces, { name })).metadata.labels?.updated, 'yes');
}

async function status(context: BehaviourContext): Promise<void> {
  const { client, namespace: name } = context;
  const read = await client.get(namespaces, { name }, 'status');
  assert.equal(read.status?.phase, 'Active');
  const condition = (type: string) => ({ type, status: 'True', reason: 'E2E', message: 'set from outside' });
  const patch = { status: { conditions: [condition('StatusPatched')] } };
  const patched = await client.patch(namespaces, { name }, 'merge', patch, { subresource: 'status' });
  const types = (object: Stored<Namespace>) => object.status?.conditions?.map((condition) => condition.type);
  assert.deepEqual(types(patched), ['StatusPatched']);
  const updated = await change(
    client,
    namespaces,
    { name },
    (object) => {
      object.status = {
        ...object.status,
        conditions: [...(object.status?.conditions ?? []), condition('StatusUpdate')],
      };
    },
    'status',
  );
  assert.deepEqual(types(updated), ['StatusPatched', 'StatusUpdate']);
  assert.deepEqual(types(await client.get(namespaces, { name })), ['StatusPatched', 'StatusUpdate']);
}

async function finalizer(context: BehaviourContext): Promise<void> {
  const { client } = context;
  const name = await create(context);
  const finalizers = async () => (await client.get(namespaces, { name })).spec?.finalizers ?? [];
  const edit = (to: (old: string[]) => string[]) =>
    change(
      client,
      namespaces,
      { name },
      (object) => {
        object.spec = { ...object.spec, finalizers: to(object.spec?.finalizers ?? []) };
      },
      'finalize',
    );
  await edit((old) => [...old, fakeFinalizer]);
  assert.ok((await finalizers()).includes(fakeFinalizer));
  await edit((old) => old.filter((finalizer) => finalizer !== fakeFinalizer));
  assert.deepEqual(await finalizers(), ['kubernetes']);
}

async function podsFirst(context: BehaviourContext): Promise<void> {
  const { client } = context;
  const name = await create(context);
  const pod = { namespace: name, name: 'held' };
  const configMap = { namespace: name, name: 'leaned-on' };
  await client.create(pods, { metadata: { ...pod, finalizers: [fakeFinalizer] }, spec: nginxPod() });
  await client.create(configMaps, { metadata: configMap });
  await client.delete(namespaces, { name });
  await context.eventually('the namespace shows what holds it up', async () => {
    const conditions = (await client.get(namespaces, { name })).status?.conditions ?? [];
    const finalizing = conditions.find(({ type }) => type === 'NamespaceFinalizersRemaining');
    assert.equal(finalizing?.status, 'True');
    assert.match(finalizing.message ?? '', new RegExp(`${fakeFinalizer} in 1 resource instances`));
    return true;
  });
  assert.ok((await client.get(pods, pod)).metadata.deletionTimestamp, 'the pod is being deleted');
  const kept = await client.get(configMaps, configMap);
  assert.equal(kept.metadata.deletionTimestamp, undefined, 'the rest waits for it');
  await client.patch(pods, pod, 'merge', { metadata: { finalizers: null } });
  await untilGone(context, name);
}

const title = '[sig-api-machinery] Namespaces [Serial]';

export const namespace: readonly Behaviour[] = [
  behaviour(
    `${title} should ensure that all pods are removed when a namespace is deleted [Conformance]`,
    removesPods,
  ),
  behaviour(
    `${title} should ensure that all services are removed when a namespace is deleted [Conformance]`,
    removesServices,
  ),
  behaviour(`${title} should patch a Namespace [Conformance]`, patches),
  behaviour(`${title} should apply an update to a Namespace [Conformance]`, updates),
  behaviour(`${title} should apply changes to a namespace status [Conformance]`, status),
  behaviour(`${title} should apply a finalizer to a Namespace [Conformance]`, finalizer),
  behaviour(
    '[sig-api-machinery] OrderedNamespaceDeletion namespace deletion should delete pod first [Conformance]',
    podsFirst,
  ),
];
