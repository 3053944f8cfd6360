/** What the controller plans around its decision, and a rollout against a real API server. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deployments, pods, replicaSets } from '#api/generated/kinds.gen.ts';
import type { Deployment, ReplicaSet } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import type { ControlledCluster } from '#testing/controllers/controlled-cluster.ts';
import { DryController } from '#testing/controllers/dry-controller.ts';
import { withKeptPods } from '#testing/controllers/pod-keeper.ts';
import { longAgo, ownedBy, storedMetadata, storedPod } from '#testing/objects.ts';
import { replicaSet } from '../replica-set/replica-set.ts';
import { deployment } from './deployment.ts';

const namespace = 'default';
const labels = { app: 'web' };
const template = (image: string) => ({
  metadata: { labels },
  spec: { containers: [{ name: 'c', image, ports: [{ name: 'http', containerPort: 8080 }] }] },
});

const web = (image: string, replicas: number): Deployment => ({
  metadata: { name: 'web', namespace },
  spec: { replicas, selector: { matchLabels: labels }, template: template(image) },
});

function stored(more: Partial<Deployment['spec']> = {}, metadata: object = {}): Stored<Deployment> {
  const { spec } = web('v1', 3);
  return {
    metadata: storedMetadata('web', { namespace, generation: 1, ...metadata }),
    spec: { ...spec!, progressDeadlineSeconds: 600, ...more },
  };
}

const orphan: Stored<ReplicaSet> = {
  metadata: storedMetadata('web-old', { namespace, labels }),
  spec: { replicas: 0, selector: { matchLabels: labels }, template: template('v0') },
};
const unselected = { ...orphan, metadata: { ...orphan.metadata, labels: { app: 'other' } } };
const named = 'web-6999fdb8d4';

test('a new deployment – its ReplicaSet is created; a taken name and a refusal have their own steps', async () => {
  const controller = new DryController(deployment).put(deployments, stored());
  assert.deepEqual(await controller.printed('default/web'), [
    `create ReplicaSet default/${named}`,
    `  if taken countCollision ReplicaSet default/${named}`,
    '  if failed status Deployment default/web with the failure in Progressing',
    `  if failed event Warning ReplicaSetCreateError "Failed to create new replica set \\"${named}\\": <error>"`,
    `event Normal ScalingReplicaSet "Scaled up replica set ${named} from 0 to 3"`,
    'status Deployment default/web',
    'again after 601000 ms',
  ]);
});

test('a ReplicaSet without an owner – adopted after the server has said that its owner lives', async () => {
  const controller = new DryController(deployment).put(deployments, stored()).put(replicaSets, orphan);
  const steps = await controller.printed('default/web');
  assert.equal(steps[0], 'assert live Deployment default/web');
  assert.match(steps[1] ?? '', /^patch ReplicaSet default\/web-old .* ignoring NotFound, Invalid$/);
});

test('a ReplicaSet that is selected no more – it is released', async () => {
  const owned = { ...unselected.metadata, ownerReferences: [ownedBy(deployments, stored())] };
  const controller = new DryController(deployment).put(deployments, stored());
  controller.put(replicaSets, { ...unselected, metadata: owned });
  const [first] = await controller.printed('default/web');
  assert.match(first ?? '', /^patch ReplicaSet default\/web-old .*"\$patch":"delete"/);
});

test('an empty selector – an event says so, and nothing else is done', async () => {
  const controller = new DryController(deployment).put(deployments, stored({ selector: {} }));
  assert.deepEqual(await controller.printed('default/web'), [
    'event Warning SelectingAll "This deployment is selecting all pods. A non-empty selector is required."',
    'status Deployment default/web',
  ]);
});

test('a deployment that is gone or has no spec – nothing', async () => {
  const controller = new DryController(deployment);
  assert.deepEqual(await controller.printed('default/web'), []);
  controller.put(deployments, { metadata: stored().metadata });
  assert.deepEqual(await controller.printed('default/web'), []);
});

test('a deployment – which changes wake it', () => {
  const recreate = stored({ strategy: { type: 'Recreate' } });
  const owned = {
    ...orphan,
    metadata: { ...orphan.metadata, ownerReferences: [ownedBy(deployments, recreate)] },
  };
  const controller = new DryController(deployment).put(deployments, recreate);
  assert.deepEqual(controller.woken(), ['default/web']);
  controller.put(replicaSets, unselected);
  assert.deepEqual(controller.woken(), [], 'a ReplicaSet that it does not select');
  controller.put(replicaSets, orphan);
  assert.deepEqual(controller.woken(), ['default/web'], 'a ReplicaSet that it may adopt');
  controller.put(replicaSets, owned);
  controller.woken();
  const pod = storedPod('p', { metadata: { ownerReferences: [ownedBy(replicaSets, owned)] } });
  controller.put(pods, pod);
  assert.deepEqual(controller.woken(), [], 'a pod that comes');
  controller.remove(pods, pod);
  assert.deepEqual(controller.woken(), ['default/web'], 'a pod that is gone, for Recreate');
  controller.put(deployments, stored({}, { deletionTimestamp: longAgo }));
  controller.woken();
  controller.put(pods, pod).remove(pods, pod);
  assert.deepEqual(controller.woken(), [], 'a pod that is gone, for a rolling update');
});

function untilRolledOut({ client, eventually }: ControlledCluster, image: string, replicas: number) {
  return eventually(`${replicas} of ${image} and no others`, async () => {
    const { status, metadata } = await client.get(deployments, { namespace, name: 'web' });
    const done =
      status?.observedGeneration === metadata.generation &&
      status?.updatedReplicas === replicas &&
      status.replicas === replicas &&
      status.availableReplicas === replicas &&
      status.conditions?.some(({ reason }) => reason === 'NewReplicaSetAvailable');
    const { items } = await client.list(pods, { namespace, labelSelector: 'app=web' });
    const alive = items.filter((pod) => !pod.metadata.deletionTimestamp);
    return done && alive.every((pod) => pod.spec?.containers[0]?.image === image) ? status : undefined;
  });
}

test('a deployment – it rolls out, rolls over, is undone and scaled', () =>
  withKeptPods([deployment, replicaSet], async (cluster) => {
    const { client, eventually } = cluster;
    await client.create(deployments, web('v1', 4));
    const { observedGeneration } = await untilRolledOut(cluster, 'v1', 4);
    assert.equal(observedGeneration, 1, 'writing down the revision makes no new generation');
    const byTemplate = { namespace, name: 'web' };
    await client.patch(deployments, byTemplate, 'merge', { spec: { template: template('v2') } });
    await untilRolledOut(cluster, 'v2', 4);
    await client.patch(deployments, byTemplate, 'merge', { spec: { template: template('v1') } });
    await untilRolledOut(cluster, 'v1', 4);
    await client.patch(deployments, byTemplate, 'merge', { spec: { replicas: 6 } });
    await untilRolledOut(cluster, 'v1', 6);

    const sets = (await client.list(replicaSets, { namespace })).items;
    const revisions = sets.map(({ metadata, spec }) => [
      metadata.annotations?.['deployment.kubernetes.io/revision'],
      spec?.replicas,
    ]);
    assert.deepEqual(revisions.sort(), [
      ['2', 0],
      ['3', 6],
    ]);
    await eventually('the revision on the deployment', async () => {
      const { metadata } = await client.get(deployments, byTemplate);
      return metadata.annotations?.['deployment.kubernetes.io/revision'] === '3' || undefined;
    });
    const recorded = await cluster.events();
    assert.ok(
      recorded.some((text) => /^ScalingReplicaSet Scaled up replica set web-\w+ from 0 to 4$/.test(text)),
    );
    assert.ok(recorded.some((text) => /^SuccessfulCreate Created pod: web-\w+-\w{5}$/.test(text)));
  }));
