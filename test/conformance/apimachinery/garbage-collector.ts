/** The garbage collector: background, foreground and orphaning deletion, shared owners, circles of owners. */

import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { deployments, pods, replicaSets, replicationControllers } from '#api/generated/kinds.gen.ts';
import type { Pod, ReplicationController } from '#api/generated/types.gen.ts';
import type { OwnerReference, Stored } from '#api/meta/object.ts';
import { type Behaviour, type BehaviourContext, behaviour } from '../behaviour.ts';
import { watchFromNow } from '../shared/watching.ts';
import { isGone, nginxPod, template } from '../shared/workloads.ts';

/** So long an orphan must be left alone to count as orphaned. */
const orphanedMs = 10_000;
const manyReplicas = 10;

async function createController(
  context: BehaviourContext,
  name: string,
  replicas: number,
): Promise<Stored<ReplicationController>> {
  const { client, namespace } = context;
  const labels = { rc: name };
  const created = await client.create(replicationControllers, {
    metadata: { name, namespace },
    spec: { replicas, selector: labels, template: template(labels, nginxPod()) },
  });
  await context.eventually(`${name} has its pods`, async () => {
    const { status } = await client.get(replicationControllers, { namespace, name });
    return (status?.replicas ?? 0) === replicas;
  });
  return created;
}

async function podsIn({ client, namespace }: BehaviourContext): Promise<Stored<Pod>[]> {
  return (await client.list(pods, { namespace })).items;
}

async function backgroundController(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const key = { namespace, name: 'background' };
  await createController(context, key.name, 2);
  await client.delete(replicationControllers, key, { propagationPolicy: 'Background' });
  assert.ok(await isGone(client, replicationControllers, key), 'the owner goes at once');
  await context.eventually('its pods are gone', async () => (await podsIn(context)).length === 0);
}

async function foregroundController(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const key = { namespace, name: 'foreground' };
  const owner = await createController(context, key.name, manyReplicas);
  const watching = await watchFromNow(context, replicationControllers, { namespace });
  const { uid } = owner.metadata;
  await client.delete(replicationControllers, key, {
    propagationPolicy: 'Foreground',
    preconditions: { uid },
  });
  const gone = await watching.until('DELETED is reported', ({ type }) => type === 'DELETED');
  const isMarked = watching.events.some(({ object }) =>
    object.metadata.finalizers?.includes('foregroundDeletion'),
  );
  assert.ok(isMarked, 'it waits for its pods');
  assert.ok(gone.object.metadata.deletionTimestamp);
  assert.deepEqual(await podsIn(context), [], 'no pod outlives it');
}

async function orphansPods(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const key = { namespace, name: 'orphaning' };
  await createController(context, key.name, manyReplicas);
  await client.delete(replicationControllers, key, { propagationPolicy: 'Orphan' });
  await context.eventually('the owner is gone', () => isGone(client, replicationControllers, key));
  await wait(orphanedMs);
  const left = await podsIn(context);
  assert.equal(left.filter(({ metadata }) => !metadata.deletionTimestamp).length, manyReplicas);
  assert.ok(left.every(({ metadata }) => !metadata.ownerReferences?.length));
}

async function createDeployment(context: BehaviourContext, name: string): Promise<void> {
  const { client, namespace } = context;
  const labels = { app: name };
  await client.create(deployments, {
    metadata: { name, namespace },
    spec: { replicas: 2, selector: { matchLabels: labels }, template: template(labels, nginxPod()) },
  });
  await context.eventually('the ReplicaSet has its pods', async () => {
    const { items } = await client.list(replicaSets, { namespace });
    return items[0]?.status?.replicas === 2;
  });
}

async function backgroundDeployment(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  await createDeployment(context, 'background');
  await client.delete(deployments, { namespace, name: 'background' }, { propagationPolicy: 'Background' });
  await context.eventually('ReplicaSet and pods are gone', async () => {
    const sets = await client.list(replicaSets, { namespace });
    return sets.items.length === 0 && (await podsIn(context)).length === 0;
  });
}

async function orphansReplicaSet(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const key = { namespace, name: 'orphaning' };
  await createDeployment(context, key.name);
  await client.delete(deployments, key, { propagationPolicy: 'Orphan' });
  await context.eventually('the deployment is gone', () => isGone(client, deployments, key));
  await wait(orphanedMs);
  const sets = (await client.list(replicaSets, { namespace })).items;
  assert.equal(sets.length, 1);
  assert.deepEqual(sets[0]?.metadata.ownerReferences ?? [], []);
  assert.equal(sets[0]?.metadata.deletionTimestamp, undefined);
  const left = await podsIn(context);
  assert.equal(left.length, 2);
  assert.ok(left.every(({ metadata }) => metadata.ownerReferences?.[0]?.uid === sets[0]?.metadata.uid));
}

async function sharedOwners(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const going = { namespace, name: 'going' };
  await createController(context, going.name, manyReplicas);
  const staying = await createController(context, 'staying', 0);
  const reference: OwnerReference = {
    apiVersion: 'v1',
    kind: 'ReplicationController',
    name: 'staying',
    uid: staying.metadata.uid,
  };
  const shared = (await podsIn(context)).slice(0, manyReplicas / 2).map(({ metadata }) => metadata.name);
  for (const name of shared) {
    await client.patch(pods, { namespace, name }, 'strategic', {
      metadata: { ownerReferences: [reference] },
    });
  }
  await client.delete(replicationControllers, going, { propagationPolicy: 'Foreground' });
  await context.eventually('the owner is gone', () => isGone(client, replicationControllers, going), 90_000);
  const left = await podsIn(context);
  assert.deepEqual(left.map(({ metadata }) => metadata.name).sort(), shared.sort());
  for (const { metadata } of left) {
    assert.equal(metadata.deletionTimestamp, undefined);
    assert.deepEqual(
      metadata.ownerReferences?.map(({ name }) => name),
      ['staying'],
    );
  }
}

async function circle(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const names = ['pod1', 'pod2', 'pod3'];
  const made: Stored<Pod>[] = [];
  for (const name of names) {
    made.push(await client.create(pods, { metadata: { name, namespace }, spec: nginxPod() }));
  }
  for (const [index, name] of names.entries()) {
    const owner = made[(index + 2) % 3]!;
    const reference: OwnerReference = {
      apiVersion: 'v1',
      kind: 'Pod',
      name: owner.metadata.name,
      uid: owner.metadata.uid,
      controller: true,
      blockOwnerDeletion: true,
    };
    await client.patch(pods, { namespace, name }, 'strategic', {
      metadata: { ownerReferences: [reference] },
    });
  }
  await client.delete(pods, { namespace, name: 'pod1' }, { propagationPolicy: 'Foreground' });
  await context.eventually('all three are gone', async () => (await podsIn(context)).length === 0, 90_000);
}

const title = '[sig-api-machinery] Garbage collector should';

export const garbageCollector: readonly Behaviour[] = [
  behaviour(`${title} delete pods created by rc when not orphaning [Conformance]`, backgroundController),
  behaviour(
    `${title} delete RS created by deployment when not orphaning [Conformance]`,
    backgroundDeployment,
  ),
  behaviour(
    `${title} orphan RS created by deployment when deleteOptions.PropagationPolicy is Orphan [Conformance]`,
    orphansReplicaSet,
  ),
  behaviour(
    `${title} orphan pods created by rc if delete options say so [Serial] [Conformance]`,
    orphansPods,
  ),
  behaviour(
    `${title} keep the rc around until all its pods are deleted if the deleteOptions says so [Serial] [Conformance]`,
    foregroundController,
  ),
  behaviour(
    `${title} not delete dependents that have both valid owner and owner that's waiting for dependents to be deleted [Serial] [Conformance]`,
    sharedOwners,
  ),
  behaviour(`${title} not be blocked by dependency circle [Conformance]`, circle),
];
