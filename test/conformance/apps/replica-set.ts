/** ReplicaSets: serving, adopting, scaling, patching, status, collections. */

import assert from 'node:assert/strict';
import { pods, replicaSets } from '#api/generated/kinds.gen.ts';
import type { PodSpec, ReplicaSet } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { type Behaviour, type BehaviourContext, behaviour, images } from '../behaviour.ts';
import { provesScale } from '../shared/scaling.ts';
import { watchFromNow } from '../shared/watching.ts';
import { change, namingPod, nginxPod, template } from '../shared/workloads.ts';
import { createOrphan, everyReplicaAnswers, isAdopted, isReleased, ready } from './replicas.ts';

function create(
  { client, namespace }: BehaviourContext,
  name: string,
  replicas: number,
  pod: PodSpec = nginxPod(),
): Promise<Stored<ReplicaSet>> {
  const labels = { name };
  return client.create(replicaSets, {
    metadata: { name, namespace, labels: { ...labels, suite: 'replica-set' } },
    spec: { replicas, selector: { matchLabels: labels }, template: template(labels, pod) },
  });
}

async function serves(context: BehaviourContext): Promise<void> {
  await create(context, 'serving', 2, namingPod());
  await ready(context, replicaSets, 'serving', 2);
  await everyReplicaAnswers(context, 'name=serving');
}

async function adopts(context: BehaviourContext): Promise<void> {
  const orphan = await createOrphan(context, { name: 'adopting' });
  const owner = await create(context, 'adopting', 1);
  await isAdopted(context, orphan, owner, 'name=adopting');
  await isReleased(context, owner, 'name=adopting');
}

async function scale(context: BehaviourContext): Promise<void> {
  await create(context, 'scale', 1);
  await ready(context, replicaSets, 'scale', 1);
  await provesScale(context.client, replicaSets, { namespace: context.namespace, name: 'scale' }, 1);
  await ready(context, replicaSets, 'scale', 4);
}

async function replaceAndPatch(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const key = { namespace, name: 'patch' };
  await create(context, key.name, 1);
  await ready(context, replicaSets, key.name, 1);
  await change(client, replicaSets, key, ({ spec }) => {
    spec!.replicas = 2;
  });
  await ready(context, replicaSets, key.name, 2);
  const container = { name: 'web', image: images.nginxNew };
  const patched = await client.patch(replicaSets, key, 'strategic', {
    metadata: { labels: { patched: 'yes' } },
    spec: { replicas: 3, template: { spec: { containers: [container] } } },
  });
  assert.equal(patched.metadata.labels?.patched, 'yes');
  assert.equal(patched.spec?.replicas, 3);
  assert.equal(patched.spec?.template?.spec?.containers.length, 1);
  assert.equal(patched.spec?.template?.spec?.containers[0]?.image, images.nginxNew);
  await ready(context, replicaSets, key.name, 3);
  const found = await client.list(pods, { namespace, labelSelector: 'name=patch' });
  const used = found.items.map((pod) => pod.spec?.containers[0]?.image).sort();
  assert.deepEqual(
    used,
    [images.nginx, images.nginx, images.nginxNew],
    'only new pods have the new template',
  );
}

async function collection(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const labelSelector = 'suite=replica-set';
  await create(context, 'collection', 2);
  await ready(context, replicaSets, 'collection', 2);
  const found = await client.list(replicaSets, { namespace, labelSelector });
  assert.deepEqual(
    found.items.map(({ metadata }) => metadata.name),
    ['collection'],
  );
  await client.deleteCollection(replicaSets, { namespace, labelSelector });
  await context.eventually('the ReplicaSet is gone', async () => {
    return (await client.list(replicaSets, { namespace, labelSelector })).items.length === 0;
  });
}

async function status(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const key = { namespace, name: 'status' };
  await create(context, key.name, 1);
  await ready(context, replicaSets, key.name, 1);
  assert.equal((await client.get(replicaSets, key, 'status')).status?.readyReplicas, 1);
  const watching = await watchFromNow(context, replicaSets, { namespace });
  const condition = (type: string) => ({ type, status: 'True', reason: 'E2E', message: 'set from outside' });
  const reported = (type: string) =>
    watching.until(`condition ${type} is reported`, ({ object }) =>
      Boolean(object.status?.conditions?.some((condition) => condition.type === type)),
    );
  await change(
    client,
    replicaSets,
    key,
    (object) => {
      object.status = { ...object.status!, conditions: [condition('StatusUpdate')] };
    },
    'status',
  );
  await reported('StatusUpdate');
  const patch = { status: { conditions: [condition('StatusPatched')] } };
  await client.patch(replicaSets, key, 'merge', patch, { subresource: 'status' });
  await reported('StatusPatched');
  const after = (await client.get(replicaSets, key)).status?.conditions?.map(({ type }) => type);
  assert.deepEqual(after, ['StatusPatched']);
}

export const replicaSet: readonly Behaviour[] = [
  behaviour(
    '[sig-apps] ReplicaSet should serve a basic image on each replica with a public image [Conformance]',
    serves,
  ),
  behaviour(
    '[sig-apps] ReplicaSet should adopt matching pods on creation and release no longer matching pods [Conformance]',
    adopts,
  ),
  behaviour('[sig-apps] ReplicaSet Replicaset should have a working scale subresource [Conformance]', scale),
  behaviour('[sig-apps] ReplicaSet Replace and Patch tests [Conformance]', replaceAndPatch),
  behaviour(
    '[sig-apps] ReplicaSet should list and delete a collection of ReplicaSets [Conformance]',
    collection,
  ),
  behaviour('[sig-apps] ReplicaSet should validate Replicaset Status endpoints [Conformance]', status),
];
