/** What ReplicaSets and ReplicationControllers promise alike: serving, adopting and releasing pods. */

import assert from 'node:assert/strict';
import { pods } from '#api/generated/kinds.gen.ts';
import type { Pod } from '#api/generated/types.gen.ts';
import type { KubeObject, Stored } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import type { BehaviourContext } from '../behaviour.ts';
import { askPod, change, nginxPod } from '../shared/workloads.ts';

interface Owner extends KubeObject {
  spec?: { replicas?: number };
  status?: { replicas: number; readyReplicas?: number; availableReplicas?: number };
}

export async function podsOf(context: BehaviourContext, labelSelector: string): Promise<Stored<Pod>[]> {
  const { items } = await context.client.list(pods, { namespace: context.namespace, labelSelector });
  return items.filter((pod) => !pod.metadata.deletionTimestamp);
}

export async function ready<T extends Owner>(
  context: BehaviourContext,
  type: ResourceType<T>,
  name: string,
  replicas: number,
): Promise<void> {
  const key = { namespace: context.namespace, name };
  await context.eventually(
    `${type.kind} ${name} has ${replicas} ready replicas`,
    async () => {
      const { status } = await context.client.get(type, key);
      assert.equal(status?.replicas, replicas);
      assert.equal(status?.readyReplicas ?? 0, replicas);
      return true;
    },
    120_000,
  );
}

/** Every replica answers with its own name. */
export async function everyReplicaAnswers(context: BehaviourContext, labelSelector: string): Promise<void> {
  const found = await podsOf(context, labelSelector);
  assert.ok(found.length > 0);
  for (const { metadata } of found) {
    await context.eventually(`${metadata.name} answers`, async () => {
      assert.equal((await askPod(context, metadata.name, 9376)).trim(), metadata.name);
      return true;
    });
  }
}

export async function createOrphan(
  context: BehaviourContext,
  labels: Record<string, string>,
): Promise<Stored<Pod>> {
  const { client, namespace } = context;
  const created = await client.create(pods, {
    metadata: { name: 'orphan', namespace, labels },
    spec: nginxPod(),
  });
  await context.eventually('the pod runs', async () => {
    return (await client.get(pods, { namespace, name: 'orphan' })).status?.phase === 'Running';
  });
  return created;
}

/** The pod made first belongs to the owner, which therefore makes no other. */
export async function isAdopted(
  context: BehaviourContext,
  pod: Stored<Pod>,
  owner: Stored<KubeObject>,
  labelSelector: string,
): Promise<void> {
  const { client, namespace } = context;
  await context.eventually('the pod is adopted', async () => {
    const { metadata } = await client.get(pods, { namespace, name: pod.metadata.name });
    assert.equal(metadata.uid, pod.metadata.uid);
    const controller = metadata.ownerReferences?.find((ownerReference) => ownerReference.controller);
    assert.equal(controller?.uid, owner.metadata.uid);
    return true;
  });
  assert.equal((await podsOf(context, labelSelector)).length, 1);
}

/** A pod whose label no longer matches is released and replaced. */
export async function isReleased(
  context: BehaviourContext,
  owner: Stored<KubeObject>,
  label: string,
): Promise<void> {
  const { client, namespace } = context;
  const owned = async () =>
    (await podsOf(context, label)).filter((pod) =>
      pod.metadata.ownerReferences?.some((ownerReference) => ownerReference.uid === owner.metadata.uid),
    );
  await context.eventually('there is a pod to let go', async () => (await owned()).length > 0);
  const [pod] = await owned();
  const key = { namespace, name: pod!.metadata.name };
  await change(client, pods, key, ({ metadata }) => {
    metadata.labels = { ...metadata.labels, [label.split('=')[0]!]: 'not-matching-name' };
  });
  await context.eventually('the pod is released', async () => {
    const { metadata } = await client.get(pods, key);
    return !metadata.ownerReferences?.some((ownerReference) => ownerReference.uid === owner.metadata.uid);
  });
  await context.eventually('another takes its place', async () => (await owned()).length > 0);
}
