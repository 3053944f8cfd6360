/**
 * StatefulSets: order, health and revisions of their pods, rolling updates, evictions, scaling, status,
 * collections.
 */

import assert from 'node:assert/strict';
import { controllerRevisions, pods, statefulSets } from '#api/generated/kinds.gen.ts';
import type { Pod, Scale, StatefulSet } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { type Behaviour, type BehaviourContext, behaviour, images } from '../behaviour.ts';
import { holds, isReady } from '../common/running.ts';
import { getScale } from '../shared/scaling.ts';
import { watchFromNow } from '../shared/watching.ts';
import { change, nginxPod } from '../shared/workloads.ts';
import {
  breakPod,
  createSet,
  mendPod,
  observed,
  ordinalOf,
  podsOfSet,
  replay,
  revisionLabel,
  settled,
  watchPods,
} from './stateful-sets.ts';

const holdMs = 5000;

function edit(context: BehaviourContext, name: string, how: (set: Stored<StatefulSet>) => void) {
  return change(context.client, statefulSets, { namespace: context.namespace, name }, how);
}

function setImage(context: BehaviourContext, name: string, image: string) {
  return edit(context, name, ({ spec }) => {
    spec!.template.spec!.containers[0]!.image = image;
  });
}

function setReplicas(context: BehaviourContext, name: string, replicas: number) {
  return edit(context, name, ({ spec }) => {
    spec!.replicas = replicas;
  });
}

function setPartition(context: BehaviourContext, name: string, partition: number) {
  return edit(context, name, ({ spec }) => {
    spec!.updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition } };
  });
}

const imageOf = (pod: Pod) => pod.spec?.containers[0]?.image;
const revisionOf = (pod: Pod) => pod.metadata?.labels?.[revisionLabel];
const uidsOf = (all: readonly Stored<Pod>[]) => all.map(({ metadata }) => metadata.uid);

/** Exactly these pods stay, none more and none other. */
async function stays(context: BehaviourContext, name: string, what: string): Promise<void> {
  const before = uidsOf(await podsOfSet(context, name));
  await holds(context, what, holdMs, async () => {
    assert.deepEqual(uidsOf(await podsOfSet(context, name)), before, what);
  });
}

/**
 * Changes the image while one pod is not ready: nothing moves until it is. Then one after the other, the
 * highest first.
 */
async function rolls(context: BehaviourContext, name: string, image: string): Promise<string> {
  const before = await settled(context, name);
  await breakPod(context, `${name}-1`);
  await setImage(context, name, image);
  const { status } = await observed(context, name, 'has a new revision', (_set, { updateRevision }) => {
    return updateRevision !== before.status?.updateRevision;
  });
  assert.equal(status?.currentRevision, before.status?.currentRevision);
  const old = await podsOfSet(context, name);
  const watching = await watchPods(context, name);
  await stays(context, name, 'an unhealthy pod holds the update back');
  await mendPod(context, `${name}-1`);
  const done = await observed(context, name, 'is rolled out', (_set, { currentRevision, readyReplicas }) => {
    return currentRevision === status?.updateRevision && readyReplicas === 3;
  });
  const gone: number[] = [];
  replay(old, watching, (kind, pod, others) => {
    if (kind !== 'going') return;
    gone.push(ordinalOf(pod));
    assert.ok(old.some(({ metadata }) => metadata.uid === pod.metadata.uid));
    assert.equal(others.length, 2, 'one at a time');
    for (const other of others) {
      const isNew = ordinalOf(other) > ordinalOf(pod);
      assert.ok(isReady(other), `${other.metadata.name} is ready when ${pod.metadata.name} goes`);
      assert.equal(imageOf(other) === image, isNew, `${other.metadata.name} when ${pod.metadata.name} goes`);
    }
  });
  assert.deepEqual(gone, [2, 1, 0]);
  for (const pod of await podsOfSet(context, name)) {
    assert.equal(imageOf(pod), image);
    assert.equal(revisionOf(pod), done.status?.updateRevision);
  }
  return done.status!.updateRevision!;
}

async function updatesAndRollsBack(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  await createSet(context, 'rolling', 3);
  const { status } = await settled(context, 'rolling');
  assert.ok(status?.currentRevision);
  assert.equal(status.updateRevision, status.currentRevision);
  for (const pod of await podsOfSet(context, 'rolling')) {
    assert.equal(revisionOf(pod), status.currentRevision);
  }
  const second = await rolls(context, 'rolling', images.nginxNew);
  assert.notEqual(second, status.currentRevision);
  const third = await rolls(context, 'rolling', images.nginx);
  assert.equal(third, status.currentRevision, 'the way back leads to the revision that was');
  const { items } = await client.list(controllerRevisions, { namespace, labelSelector: 'app=rolling' });
  assert.deepEqual(
    items.map(({ metadata, revision }) => [metadata.name, revision]).sort(([, a], [, b]) => +a! - +b!),
    [
      [second, 2],
      [third, 3],
    ],
  );
}

/**
 * Which pods are of the new image, by ordinal, with every pod ready and labelled with the revision it is of.
 */
async function updatedOrdinals(context: BehaviourContext, name: string): Promise<number[]> {
  const { status } = await settled(context, name);
  const all = await podsOfSet(context, name);
  const isNew = (pod: Pod) => imageOf(pod) === images.nginxNew;
  for (const pod of all) {
    assert.equal(revisionOf(pod), isNew(pod) ? status?.updateRevision : status?.currentRevision);
  }
  return all.filter(isNew).map(ordinalOf);
}

async function updatesInPhases(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const name = 'phases';
  await createSet(context, name, 3);
  const { status } = await settled(context, name);
  await setPartition(context, name, 3);
  await setImage(context, name, images.nginxNew);
  await observed(context, name, 'has a new revision', (_set, { updateRevision, currentRevision }) => {
    return currentRevision === status?.currentRevision && updateRevision !== currentRevision;
  });
  await stays(context, name, 'a partition beyond the replicas holds all back');

  const updatedAre = (count: number) =>
    observed(context, name, `has ${count} updated`, (_set, { updatedReplicas = 0, readyReplicas }) => {
      return updatedReplicas === count && readyReplicas === 3;
    });
  const before = uidsOf(await podsOfSet(context, name));
  await setPartition(context, name, 2);
  await updatedAre(1);
  assert.deepEqual(await updatedOrdinals(context, name), [2], 'the canary');
  assert.deepEqual(uidsOf(await podsOfSet(context, name)).slice(0, 2), before.slice(0, 2));

  const canary = uidsOf(await podsOfSet(context, name));
  for (const ordinal of [0, 2]) await client.delete(pods, { namespace, name: `${name}-${ordinal}` });
  await context.eventually('both deleted pods are made again', async () => {
    const now = uidsOf(await podsOfSet(context, name));
    assert.deepEqual(
      now.map((uid) => canary.includes(uid)),
      [false, true, false],
    );
    return true;
  });
  await updatedAre(1);
  assert.deepEqual(await updatedOrdinals(context, name), [2], 'each in the revision of its side');

  await setPartition(context, name, 1);
  await updatedAre(2);
  assert.deepEqual(await updatedOrdinals(context, name), [1, 2]);
  await setPartition(context, name, 0);
  const done = await observed(context, name, 'is rolled out', (_set, now) => {
    return now.currentRevision === now.updateRevision && now.readyReplicas === 3;
  });
  assert.notEqual(done.status?.currentRevision, status?.currentRevision);
  assert.deepEqual(await updatedOrdinals(context, name), [0, 1, 2]);
}

async function scalesInOrder(context: BehaviourContext): Promise<void> {
  const name = 'ordered';
  const watching = await watchPods(context, name);
  await createSet(context, name, 1);
  await settled(context, name);
  await breakPod(context, `${name}-0`);
  await setReplicas(context, name, 3);
  await observed(context, name, 'has seen the new size', () => true);
  await stays(context, name, 'an unhealthy pod holds those after it back');
  await mendPod(context, `${name}-0`);
  await settled(context, name);
  const made: number[] = [];
  replay([], watching, (kind, pod, others) => {
    assert.equal(kind, 'made');
    assert.ok(others.every(isReady), `all before ${pod.metadata.name} are ready when it is made`);
    made.push(ordinalOf(pod));
  });
  assert.deepEqual(made, [0, 1, 2]);
  watching.stop();

  const all = await podsOfSet(context, name);
  for (const { metadata } of all) await breakPod(context, metadata.name);
  const leaving = await watchPods(context, name);
  await setReplicas(context, name, 0);
  await observed(context, name, 'has seen the new size', () => true);
  await stays(context, name, 'an unhealthy pod holds those before it back');
  const unhealthy = await podsOfSet(context, name);
  // All at once: the last one that is not healthy may go as it is.
  await Promise.all(
    all.map(({ metadata }) => context.exec(metadata.name, ['mv', '/tmp/index.html', '/srv/'])),
  );
  await settled(context, name);
  const gone: number[] = [];
  replay(unhealthy, leaving, (kind, pod, others) => {
    assert.equal(kind, 'going');
    assert.deepEqual(
      others.filter((other) => ordinalOf(other) > ordinalOf(pod)),
      [],
    );
    gone.push(ordinalOf(pod));
  });
  assert.deepEqual(gone, [2, 1, 0]);
}

async function bursts(context: BehaviourContext): Promise<void> {
  const name = 'burst';
  await createSet(context, name, 1, { podManagementPolicy: 'Parallel' });
  await settled(context, name);
  await breakPod(context, `${name}-0`);
  await setReplicas(context, name, 3);
  await settled(context, name, 2);
  await breakPod(context, `${name}-1`);
  await setReplicas(context, name, 4);
  await settled(context, name, 2);
  assert.deepEqual((await podsOfSet(context, name)).map(ordinalOf), [0, 1, 2, 3]);
  await setReplicas(context, name, 0);
  await settled(context, name);
  assert.deepEqual(await podsOfSet(context, name), []);
}

const contestedPort = 21017;

/** The node refuses the set's pod as long as another has its port; the set keeps trying with new ones. */
async function replacesEvicted(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const [container] = nginxPod().containers;
  const ports = [{ containerPort: 80, hostPort: contestedPort }];
  const pod = { ...nginxPod(), containers: [{ ...container!, ports }] };
  await client.create(pods, { metadata: { name: 'first', namespace }, spec: pod });
  const nodeName = await context.eventually('the first pod runs', async () => {
    const { spec, status } = await client.get(pods, { namespace, name: 'first' });
    return status?.phase === 'Running' && spec?.nodeName;
  });
  const watching = await watchPods(context, 'evicted');
  await createSet(context, 'evicted', 1, {}, { ...pod, nodeName: nodeName as string });
  const failed = await watching.until('its pod fails', ({ object }) => object.status?.phase === 'Failed');
  const { uid } = failed.object.metadata;
  await watching.until('the failed pod is removed', ({ type, object }) => {
    return type === 'DELETED' && object.metadata.uid === uid;
  });
  await watching.until('another is made', ({ type, object }) => {
    return type === 'ADDED' && object.metadata.uid !== uid && object.metadata.name === 'evicted-0';
  });
  await client.delete(pods, { namespace, name: 'first' });
  await settled(context, 'evicted');
  const [now] = await podsOfSet(context, 'evicted');
  assert.equal(now?.status?.phase, 'Running');
  assert.notEqual(now.metadata.uid, uid);
}

async function scale(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const key = { namespace, name: 'scale' };
  await createSet(context, key.name, 1);
  await settled(context, key.name);
  const read = await getScale(client, statefulSets, key);
  assert.equal(read.spec?.replicas, 1);
  assert.equal(read.status?.replicas, 1);
  assert.equal(read.status?.selector, 'app=scale');
  const wanted: Scale = { ...read, spec: { replicas: 2 } };
  const updated = await client.update<Scale>(statefulSets as never, wanted, { subresource: 'scale' });
  assert.equal(updated.spec?.replicas, 2);
  assert.equal((await client.get(statefulSets, key)).spec?.replicas, 2);
  await client.patch(statefulSets, key, 'merge', { spec: { replicas: 4 } }, { subresource: 'scale' });
  assert.equal((await client.get(statefulSets, key)).spec?.replicas, 4);
  await settled(context, key.name);
}

async function collection(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const key = { namespace, name: 'collection' };
  await createSet(context, key.name, 1);
  await settled(context, key.name);
  const patched = await client.patch(statefulSets, key, 'strategic', {
    metadata: { labels: { patched: 'yes' } },
    spec: { replicas: 2, template: { spec: { containers: [{ name: 'web', image: images.nginxNew }] } } },
  });
  assert.equal(patched.metadata.labels?.patched, 'yes');
  assert.equal(patched.spec?.replicas, 2);
  assert.equal(patched.spec?.template.spec?.containers[0]?.image, images.nginxNew);
  await observed(context, key.name, 'is rolled out', (_set, { updatedReplicas, readyReplicas }) => {
    return updatedReplicas === 2 && readyReplicas === 2;
  });
  const labelSelector = 'patched=yes';
  const here = async () => {
    const { items } = await client.list(statefulSets, { labelSelector });
    return items
      .filter(({ metadata }) => metadata.namespace === namespace)
      .map((statefulSet) => statefulSet.metadata.name);
  };
  assert.deepEqual(await here(), [key.name]);
  await client.deleteCollection(statefulSets, { namespace, labelSelector });
  await context.eventually('the set is gone', async () => (await here()).length === 0);
}

async function status(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const key = { namespace, name: 'status' };
  await createSet(context, key.name, 1);
  await settled(context, key.name);
  assert.equal((await client.get(statefulSets, key, 'status')).status?.readyReplicas, 1);
  const watching = await watchFromNow(context, statefulSets, { namespace });
  const condition = (type: string) => ({ type, status: 'True', reason: 'E2E', message: 'set from outside' });
  const reported = (type: string) =>
    watching.until(`condition ${type} is reported`, ({ object }) =>
      Boolean(object.status?.conditions?.some((condition) => condition.type === type)),
    );
  const write = (set: StatefulSet) => {
    set.status = { ...set.status!, conditions: [condition('StatusUpdate')] };
  };
  await change(client, statefulSets, key, write, 'status');
  await reported('StatusUpdate');
  const patch = { status: { conditions: [condition('StatusPatched')] } };
  await client.patch(statefulSets, key, 'merge', patch, { subresource: 'status' });
  await reported('StatusPatched');
  const after = (await client.get(statefulSets, key)).status?.conditions?.map(({ type }) => type);
  assert.deepEqual(after, ['StatusPatched']);
}

const title = '[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic]';

export const statefulSet: readonly Behaviour[] = [
  behaviour(
    `${title} should perform rolling updates and roll backs of template modifications [Conformance]`,
    updatesAndRollsBack,
  ),
  behaviour(
    `${title} should perform canary updates and phased rolling updates of template modifications [Conformance]`,
    updatesInPhases,
  ),
  behaviour(
    `${title} Scaling should happen in predictable order and halt if any stateful pod is unhealthy [Slow] [Conformance]`,
    scalesInOrder,
  ),
  behaviour(
    `${title} Burst scaling should run to completion even with unhealthy pods [Slow] [Conformance]`,
    bursts,
  ),
  behaviour(`${title} Should recreate evicted statefulset [Conformance]`, replacesEvicted),
  behaviour(`${title} should have a working scale subresource [Conformance]`, scale),
  behaviour(`${title} should list, patch and delete a collection of StatefulSets [Conformance]`, collection),
  behaviour(`${title} should validate Statefulset Status endpoints [Conformance]`, status),
];
