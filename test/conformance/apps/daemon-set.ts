/**
 * DaemonSets: a pod on every node, chosen nodes, failed pods, updates and the way back, status, collections.
 */

import assert from 'node:assert/strict';
import { daemonSets, nodes, pods } from '#api/generated/kinds.gen.ts';
import type { DaemonSet } from '#api/generated/types.gen.ts';
import { type Behaviour, type BehaviourContext, behaviour, images } from '../behaviour.ts';
import { withTwoNodes } from '../shared/two-nodes.ts';
import { watchFromNow } from '../shared/watching.ts';
import { absentImage, change, nginxPod } from '../shared/workloads.ts';
import {
  createDaemonSet,
  podsOfDaemonSet,
  revisionsOf,
  runsEverywhere,
  runsOn,
  workingNodes,
} from './daemon-sets.ts';

const hashLabel = 'controller-revision-hash';

function setImage({ client, namespace }: BehaviourContext, name: string, image: string) {
  const template = { spec: { containers: [{ name: 'web', image }] } };
  return client.patch(daemonSets, { namespace, name }, 'strategic', { spec: { template } });
}

async function replacesDeleted(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  await createDaemonSet(context, 'simple');
  const [pod] = await runsEverywhere(context, 'simple');
  await client.delete(pods, { namespace, name: pod!.metadata.name });
  const now = await runsEverywhere(context, 'simple');
  assert.ok(now.every(({ metadata }) => metadata.uid !== pod!.metadata.uid));
}

async function followsLabels(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const key = `${namespace}.test/color`;
  const [node] = await workingNodes(context);
  const color = (value: string | null) =>
    client.patch(nodes, { name: node! }, 'merge', { metadata: { labels: { [key]: value } } });
  context.after(() => color(null));
  await createDaemonSet(context, 'complex', { ...nginxPod(), nodeSelector: { [key]: 'blue' } });
  await runsOn(context, 'complex', []);
  await color('blue');
  await runsOn(context, 'complex', [node!]);
  await color('green');
  await runsOn(context, 'complex', []);
  await client.patch(daemonSets, { namespace, name: 'complex' }, 'merge', {
    spec: {
      updateStrategy: { type: 'RollingUpdate' },
      template: { spec: { nodeSelector: { [key]: 'green' } } },
    },
  });
  await runsOn(context, 'complex', [node!]);
}

async function replacesFailed(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  await createDaemonSet(context, 'retry');
  const [pod] = await runsEverywhere(context, 'retry');
  const key = { namespace, name: pod!.metadata.name };
  const watching = await watchFromNow(context, pods, { namespace });
  const fail = ({ status }: { status?: { phase?: string } }) => {
    status!.phase = 'Failed';
  };
  await change(client, pods, key, fail, 'status');
  const { uid } = pod!.metadata;
  await watching.until('the failed pod is removed', ({ type, object }) => {
    return type === 'DELETED' && object.metadata.uid === uid;
  });
  await runsEverywhere(context, 'retry');
}

async function rollingUpdate(context: BehaviourContext): Promise<void> {
  await createDaemonSet(context, 'rolling');
  const before = await runsEverywhere(context, 'rolling');
  const hashes = async () =>
    (await revisionsOf(context, 'rolling')).map(({ metadata }) => metadata.labels?.[hashLabel]);
  const [first, ...none] = await hashes();
  assert.deepEqual(none, []);
  for (const { metadata } of before) assert.equal(metadata.labels?.[hashLabel], first);
  await setImage(context, 'rolling', images.nginxNew);
  const after = await runsEverywhere(context, 'rolling', images.nginxNew);
  const [old, second, ...more] = await hashes();
  assert.deepEqual([old, more], [first, []]);
  assert.notEqual(second, first);
  for (const { metadata } of after) assert.equal(metadata.labels?.[hashLabel], second);
}

/** A rollout that cannot go on leaves pods as they were, and the way back does not touch these. */
async function rollsBack(given: BehaviourContext): Promise<void> {
  const context = await withTwoNodes(given);
  await createDaemonSet(context, 'rollback');
  await runsEverywhere(context, 'rollback');
  await setImage(context, 'rollback', absentImage);
  const untouched = await context.eventually('the rollout is stuck on one node', async () => {
    const found = await podsOfDaemonSet(context, 'rollback');
    const kept = found.filter(({ spec }) => spec?.containers[0]?.image === images.nginx);
    return found.length - kept.length === 1 && kept;
  });
  assert.ok(untouched && untouched.length > 0, 'another node has not been updated yet');
  await setImage(context, 'rollback', images.nginx);
  const after = await runsEverywhere(context, 'rollback');
  for (const { metadata, status } of untouched) {
    const now = after.find((pod) => pod.metadata.uid === metadata.uid);
    assert.ok(now, `${metadata.name} was replaced`);
    assert.equal(now.status?.containerStatuses?.[0]?.restartCount, 0);
    assert.equal(
      now.status?.containerStatuses?.[0]?.containerID,
      status?.containerStatuses?.[0]?.containerID,
    );
  }
}

async function collection(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  await createDaemonSet(context, 'collection');
  await runsEverywhere(context, 'collection');
  const labelSelector = 'app=collection';
  const here = async () => {
    const { items } = await client.list(daemonSets, { labelSelector });
    return items
      .filter(({ metadata }) => metadata.namespace === namespace)
      .map((daemonSet) => daemonSet.metadata.name);
  };
  assert.deepEqual(await here(), ['collection']);
  await client.deleteCollection(daemonSets, { namespace, labelSelector });
  await context.eventually('the set is gone', async () => (await here()).length === 0);
  await context.eventually('its pods are gone', async () => {
    return (await podsOfDaemonSet(context, 'collection')).length === 0;
  });
}

async function status(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const key = { namespace, name: 'status' };
  await createDaemonSet(context, key.name);
  const { length } = await runsEverywhere(context, key.name);
  assert.equal((await client.get(daemonSets, key, 'status')).status?.numberReady, length);
  const watching = await watchFromNow(context, daemonSets, { namespace });
  const condition = (type: string) => ({ type, status: 'True', reason: 'E2E', message: 'set from outside' });
  const reported = (type: string) =>
    watching.until(`condition ${type} is reported`, ({ object }) =>
      Boolean(object.status?.conditions?.some((condition) => condition.type === type)),
    );
  const write = (set: DaemonSet) => {
    set.status = { ...set.status!, conditions: [condition('StatusUpdate')] };
  };
  await change(client, daemonSets, key, write, 'status');
  await reported('StatusUpdate');
  const patch = { status: { conditions: [condition('StatusPatched')] } };
  await client.patch(daemonSets, key, 'merge', patch, { subresource: 'status' });
  await reported('StatusPatched');
  const after = (await client.get(daemonSets, key)).status?.conditions?.map(({ type }) => type);
  assert.deepEqual(after, ['StatusPatched']);
}

const title = '[sig-apps] Daemon set [Serial] should';

export const daemonSet: readonly Behaviour[] = [
  behaviour(`${title} run and stop simple daemon [Conformance]`, replacesDeleted),
  behaviour(`${title} run and stop complex daemon [Conformance]`, followsLabels),
  behaviour(`${title} retry creating failed daemon pods [Conformance]`, replacesFailed),
  behaviour(
    `${title} update pod when spec was updated and update strategy is RollingUpdate [Conformance]`,
    rollingUpdate,
  ),
  behaviour(`${title} rollback without unnecessary restarts [Conformance]`, rollsBack),
  behaviour(`${title} list and delete a collection of DaemonSets [Conformance]`, collection),
  behaviour(`${title} verify changes to a daemon set status [Conformance]`, status),
];
