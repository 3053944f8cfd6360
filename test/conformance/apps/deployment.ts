/** Deployments: life cycle, rollouts of both strategies, clean-up, scaling, status. */

import assert from 'node:assert/strict';
import { deployments, pods, replicaSets } from '#api/generated/kinds.gen.ts';
import type { Deployment, DeploymentSpec, Pod, PodSpec, ReplicaSet } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { type Behaviour, type BehaviourContext, behaviour, images } from '../behaviour.ts';
import { provesScale } from '../shared/scaling.ts';
import { startWatch, watchFromNow } from '../shared/watching.ts';
import { absentImage, change, isGone, nginxPod, template } from '../shared/workloads.ts';

const revision = 'deployment.kubernetes.io/revision';

function create(
  { client, namespace }: BehaviourContext,
  name: string,
  replicas: number,
  spec: Partial<DeploymentSpec> = {},
  pod: PodSpec = nginxPod(),
): Promise<Stored<Deployment>> {
  const labels = { app: name };
  return client.create(deployments, {
    metadata: { name, namespace, labels },
    spec: { replicas, selector: { matchLabels: labels }, template: template(labels, pod), ...spec },
  });
}

/** A ReplicaSet without an owner, with all its pods available. */
async function createReplicaSet(context: BehaviourContext, name: string, app: string, replicas: number) {
  const { client, namespace } = context;
  const labels = { app, made: 'before' };
  await client.create(replicaSets, {
    metadata: { name, namespace, labels, annotations: { [revision]: '3546343826724305832' } },
    spec: { replicas, selector: { matchLabels: labels }, template: template(labels, nginxPod()) },
  });
  await context.eventually('the pods of the ReplicaSet are available', async () => {
    return (await client.get(replicaSets, { namespace, name })).status?.availableReplicas === replicas;
  });
}

/** The newest generation is observed, rolled out and available, and nothing of an older one is left. */
async function complete(context: BehaviourContext, name: string): Promise<Stored<Deployment>> {
  const { client, namespace } = context;
  let found: Stored<Deployment> | undefined;
  await context.eventually(
    `deployment ${name} is complete`,
    async () => {
      found = await client.get(deployments, { namespace, name });
      const { status = {}, spec, metadata } = found;
      const counts = [status.replicas, status.updatedReplicas, status.availableReplicas];
      const reported = JSON.stringify({ wanted: spec?.replicas, status });
      assert.ok((status.observedGeneration ?? 0) >= (metadata.generation ?? 0), reported);
      assert.ok(
        counts.every((count) => (count ?? 0) === spec?.replicas),
        reported,
      );
      return true;
    },
    180_000,
  );
  return found!;
}

async function replicaSetsOf({ client, namespace }: BehaviourContext, app: string) {
  return (await client.list(replicaSets, { namespace, labelSelector: `app=${app}` })).items;
}

function imageOf(owner: Deployment | ReplicaSet): string | undefined {
  return owner.spec?.template?.spec?.containers[0]?.image;
}

function setImage(context: BehaviourContext, name: string, image: string) {
  const { client, namespace } = context;
  return change(client, deployments, { namespace, name }, ({ spec }) => {
    spec!.template.spec!.containers[0]!.image = image;
  });
}

async function lifecycle(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const key = { namespace, name: 'lifecycle' };
  const watching = await watchFromNow(context, deployments, { namespace });
  await create(context, key.name, 2);
  await watching.until('ADDED is reported', ({ type }) => type === 'ADDED');
  await watching.until('two replicas are available', ({ object }) => object.status?.availableReplicas === 2);

  const patch = {
    metadata: { labels: { patched: 'yes' } },
    spec: { replicas: 1, template: { spec: { containers: [{ name: 'web', image: images.nginxNew }] } } },
  };
  const patched = await client.patch(deployments, key, 'strategic', patch);
  assert.equal(patched.metadata.labels?.patched, 'yes');
  assert.equal(imageOf(patched), images.nginxNew);
  assert.equal((await complete(context, key.name)).status?.availableReplicas, 1);

  await client.patch(deployments, key, 'merge', { spec: { replicas: 2 } }, { subresource: 'scale' });
  assert.equal((await complete(context, key.name)).spec?.replicas, 2);

  const condition = { type: 'StatusPatched', status: 'True', reason: 'Conformance', message: '' };
  const before = await client.get(deployments, key, 'status');
  const status = { conditions: [...(before.status?.conditions ?? []), condition] };
  await client.patch(deployments, key, 'merge', { status }, { subresource: 'status' });
  const after = await client.get(deployments, key, 'status');
  assert.ok(after.status?.conditions?.some(({ type }) => type === condition.type));

  const everywhere = await client.list(deployments, { labelSelector: 'patched=yes' });
  assert.deepEqual(
    everywhere.items
      .filter((deployment) => deployment.metadata.namespace === namespace)
      .map((deployment) => deployment.metadata.name),
    [key.name],
  );
  await client.deleteCollection(deployments, { namespace, labelSelector: 'patched=yes' });
  await watching.until('DELETED is reported', ({ type }) => type === 'DELETED');
  assert.ok(await isGone(client, deployments, key));
}

async function rollingUpdate(context: BehaviourContext): Promise<void> {
  const app = 'rolling';
  await createReplicaSet(context, 'old', app, 1);
  await create(context, app, 1, { selector: { matchLabels: { app } } }, nginxPod(images.nginxNew));
  const done = await complete(context, app);
  assert.equal(done.metadata.annotations?.[revision], '3546343826724305833');
  const sets = await replicaSetsOf(context, app);
  const old = sets.find(({ metadata }) => metadata.name === 'old');
  const fresh = sets.find(({ metadata }) => metadata.name !== 'old');
  assert.equal(sets.length, 2);
  assert.equal(old?.spec?.replicas, 0);
  assert.equal(old?.metadata.ownerReferences?.[0]?.uid, done.metadata.uid, 'the old one was adopted');
  assert.equal(fresh?.status?.availableReplicas, 1);
  assert.equal(fresh?.metadata.annotations?.[revision], '3546343826724305833');
  await context.eventually('only new pods are left', async () => {
    const { items } = await context.client.list(pods, { namespace: context.namespace });
    return items.length === 1 && items[0]?.spec?.containers[0]?.image === images.nginxNew;
  });
}

async function recreate(context: BehaviourContext): Promise<void> {
  const { namespace } = context;
  const app = 'recreate';
  await create(context, app, 2, { strategy: { type: 'Recreate' } });
  await complete(context, app);
  const listed = await context.client.list(pods, { namespace });
  const living = new Set(listed.items.map(({ metadata }) => metadata.uid));
  assert.equal(living.size, 2);
  const { resourceVersion = '' } = listed.metadata;
  const watching = startWatch(context, pods, { namespace, resourceVersion });
  await setImage(context, app, images.nginxNew);
  await complete(context, app);
  const isNew = (pod: Pod) => pod.spec?.containers[0]?.image === images.nginxNew;
  const after = (await context.client.list(pods, { namespace })).items;
  assert.ok(after.every(isNew), 'only pods of the new template are left');
  const isMade = ({ type, object }: { type: string; object: Pod }) => type === 'ADDED' && isNew(object);
  await watching.until('both new pods are reported', () => watching.events.filter(isMade).length === 2);
  for (const { type, object } of watching.events) {
    if (isNew(object)) {
      assert.ok(!(type === 'ADDED' && living.size > 0), 'a new pod came before an old one went');
    } else if (
      type === 'DELETED' ||
      object.status?.phase === 'Succeeded' ||
      object.status?.phase === 'Failed'
    ) {
      living.delete(object.metadata.uid);
    }
  }
}

async function cleanUp(context: BehaviourContext): Promise<void> {
  const app = 'cleanup';
  await createReplicaSet(context, 'old', app, 1);
  const spec = { revisionHistoryLimit: 0, selector: { matchLabels: { app } } };
  await create(context, app, 1, spec, nginxPod(images.nginxNew));
  await complete(context, app);
  await context.eventually('the old ReplicaSet is deleted', async () => {
    const sets = await replicaSetsOf(context, app);
    return sets.length === 1 && sets[0]?.metadata.name !== 'old';
  });
}

async function rollover(context: BehaviourContext): Promise<void> {
  const app = 'rollover';
  await createReplicaSet(context, 'old', app, 1);
  const strategy = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } };
  const spec = { minReadySeconds: 5, strategy, selector: { matchLabels: { app } } };
  await create(context, app, 1, spec, nginxPod(absentImage));
  await context.eventually('the stuck ReplicaSet has its pod', async () => {
    const sets = await replicaSetsOf(context, app);
    return sets.some((set) => imageOf(set) === absentImage && set.status?.replicas === 1);
  });
  await setImage(context, app, images.nginxNew);
  await complete(context, app);
  const sets = await replicaSetsOf(context, app);
  for (const set of sets) {
    assert.equal(set.spec?.replicas, imageOf(set) === images.nginxNew ? 1 : 0, set.metadata.name);
  }
  assert.equal(sets.length, 3);
}

async function proportional(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const app = 'proportional';
  const strategy = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 2, maxSurge: 3 } };
  await create(context, app, 10, { strategy });
  await complete(context, app);
  await setImage(context, app, absentImage);
  const byImage = async (image: string) =>
    (await replicaSetsOf(context, app)).find((set) => imageOf(set) === image);
  await context.eventually('the rollout is as far as it can go', async () => {
    const [first, second] = [await byImage(images.nginx), await byImage(absentImage)];
    assert.equal(first?.status?.availableReplicas, 8);
    assert.equal(first?.spec?.replicas, 8);
    assert.equal(second?.spec?.replicas, 5);
    return true;
  });
  await client.patch(deployments, { namespace, name: app }, 'merge', { spec: { replicas: 30 } });
  await context.eventually('both are scaled in proportion', async () => {
    const [first, second] = [await byImage(images.nginx), await byImage(absentImage)];
    assert.equal(first?.spec?.replicas, 20);
    assert.equal(second?.spec?.replicas, 13);
    return true;
  });
}

async function scale(context: BehaviourContext): Promise<void> {
  const key = { namespace: context.namespace, name: 'scale' };
  await create(context, key.name, 1);
  await complete(context, key.name);
  await provesScale(context.client, deployments, key, 1);
  await complete(context, key.name);
}

async function status(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const key = { namespace, name: 'status' };
  await create(context, key.name, 1);
  await complete(context, key.name);
  const read = await client.get(deployments, key, 'status');
  assert.ok(read.status?.conditions?.some(({ type, status }) => type === 'Available' && status === 'True'));
  const watching = await watchFromNow(context, deployments, { namespace });
  const reported = (type: string) =>
    watching.until(`condition ${type} is reported`, ({ object }) =>
      Boolean(object.status?.conditions?.some((condition) => condition.type === type)),
    );
  const condition = (type: string) => ({ type, status: 'True', reason: 'E2E', message: 'set from outside' });
  await change(
    client,
    deployments,
    key,
    (object) => {
      object.status = {
        ...object.status,
        conditions: [...(object.status?.conditions ?? []), condition('StatusUpdate')],
      };
    },
    'status',
  );
  await reported('StatusUpdate');
  const patch = { status: { conditions: [condition('StatusPatched')] } };
  await client.patch(deployments, key, 'strategic', patch, { subresource: 'status' });
  await reported('StatusPatched');
  const after = (await client.get(deployments, key)).status?.conditions?.map(({ type }) => type) ?? [];
  assert.ok(after.includes('StatusUpdate') && after.includes('StatusPatched'), after.join());
}

export const deployment: readonly Behaviour[] = [
  behaviour('[sig-apps] Deployment should run the lifecycle of a Deployment [Conformance]', lifecycle),
  behaviour(
    '[sig-apps] Deployment RollingUpdateDeployment should delete old pods and create new ones [Conformance]',
    rollingUpdate,
  ),
  behaviour(
    '[sig-apps] Deployment RecreateDeployment should delete old pods and create new ones [Conformance]',
    recreate,
  ),
  behaviour('[sig-apps] Deployment deployment should delete old replica sets [Conformance]', cleanUp),
  behaviour('[sig-apps] Deployment deployment should support rollover [Conformance]', rollover),
  behaviour(
    '[sig-apps] Deployment deployment should support proportional scaling [Conformance]',
    proportional,
  ),
  behaviour('[sig-apps] Deployment Deployment should have a working scale subresource [Conformance]', scale),
  behaviour('[sig-apps] Deployment should validate Deployment Status endpoints [Conformance]', status),
];
