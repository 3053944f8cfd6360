/** ReplicationControllers: serving, adopting, releasing, scaling, failing by quota, life cycle. */

import assert from 'node:assert/strict';
import { replicationControllers, resourceQuotas } from '#api/generated/kinds.gen.ts';
import type { PodSpec, ReplicationController, Scale } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { type Behaviour, type BehaviourContext, behaviour, images } from '../behaviour.ts';
import { startAsker } from '../network/asking.ts';
import { askByUdp, startUdpAsker, udpServer } from '../network/udp.ts';
import { getScale } from '../shared/scaling.ts';
import { watchFromNow } from '../shared/watching.ts';
import { change, isGone, namingPod, nginxPod, template } from '../shared/workloads.ts';
import { createOrphan, everyReplicaAnswers, isAdopted, isReleased, podsOf, ready } from './replicas.ts';

function create(
  { client, namespace }: BehaviourContext,
  name: string,
  replicas: number,
  pod: PodSpec = nginxPod(),
): Promise<Stored<ReplicationController>> {
  const labels = { name };
  return client.create(replicationControllers, {
    metadata: { name, namespace, labels: { ...labels, suite: 'rc' } },
    spec: { replicas, selector: labels, template: template(labels, pod) },
  });
}

const tcpPort = 9377;
const udpPort = 9378;

/** Every replica shows its name by HTTP, TCP and UDP. */
async function serves(context: BehaviourContext): Promise<void> {
  const pod = namingPod();
  const command = ['nc', '-ll', '-p', String(tcpPort), '-e', 'hostname'];
  const tcpServer = { name: 'tcp', image: images.busybox, command };
  const containers = [...pod.containers, tcpServer, await udpServer(context, udpPort)];
  await create(context, 'serving', 2, { ...pod, containers });
  await ready(context, replicationControllers, 'serving', 2);
  await everyReplicaAnswers(context, 'name=serving');
  await startAsker(context);
  await startUdpAsker(context);
  for (const { metadata, status } of await podsOf(context, 'name=serving')) {
    const ip = status!.podIP!;
    const shows = (how: string, ask: () => Promise<string>) =>
      context.eventually(`${metadata.name} answers by ${how}`, async () => {
        assert.equal((await ask()).trim(), metadata.name);
        return true;
      });
    await shows('TCP', () => context.exec('asker', ['timeout', '3', 'nc', ip, String(tcpPort)]));
    await shows('UDP', () => askByUdp(context, ip, udpPort));
  }
}

async function adopts(context: BehaviourContext): Promise<void> {
  const orphan = await createOrphan(context, { name: 'adopting' });
  const owner = await create(context, 'adopting', 1);
  await isAdopted(context, orphan, owner, 'name=adopting');
}

async function releases(context: BehaviourContext): Promise<void> {
  await isReleased(context, await create(context, 'releasing', 1), 'name=releasing');
}

async function exceedsQuota(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const key = { namespace, name: 'too-many' };
  await client.create(resourceQuotas, {
    metadata: { name: 'two-pods', namespace },
    spec: { hard: { pods: '2' } },
  });
  await context.eventually('the quota is known', async () => {
    return (await client.get(resourceQuotas, { namespace, name: 'two-pods' })).status?.hard?.pods === '2';
  });
  await create(context, key.name, 3);
  const failing = async () => {
    const { status, metadata } = await client.get(replicationControllers, key);
    if ((status?.observedGeneration ?? 0) < (metadata.generation ?? 0)) throw new Error('not observed yet');
    return status?.conditions?.find(({ type }) => type === 'ReplicaFailure');
  };
  await context.eventually('the failure is reported', async () => {
    const condition = await failing();
    assert.equal(condition?.status, 'True');
    assert.equal(condition.reason, 'FailedCreate');
    assert.match(condition.message ?? '', /exceeded quota/);
    return true;
  });
  await change(client, replicationControllers, key, ({ spec }) => {
    spec!.replicas = 2;
  });
  await context.eventually('nothing fails any more', async () => (await failing()) === undefined);
}

async function scale(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const key = { namespace, name: 'scale' };
  await create(context, key.name, 1);
  await ready(context, replicationControllers, key.name, 1);
  const read = await getScale(client, replicationControllers, key);
  assert.equal(read.spec?.replicas, 1);
  await client.update<Scale>(
    replicationControllers as never,
    { ...read, spec: { replicas: 2 } },
    { subresource: 'scale' },
  );
  assert.equal((await getScale(client, replicationControllers, key)).spec?.replicas, 2);
  await ready(context, replicationControllers, key.name, 2);
}

async function lifecycle(context: BehaviourContext): Promise<void> {
  const { client, namespace } = context;
  const key = { namespace, name: 'lifecycle' };
  const watching = await watchFromNow(context, replicationControllers, { namespace });
  await create(context, key.name, 1);
  await watching.until('ADDED is reported', ({ type }) => type === 'ADDED');
  await watching.until('its pod is ready', ({ object }) => object.status?.readyReplicas === 1);

  const patched = await client.patch(replicationControllers, key, 'strategic', {
    metadata: { labels: { patched: 'yes' } },
  });
  assert.equal(patched.metadata.labels?.patched, 'yes');
  await watching.until('the label is reported', ({ object }) => object.metadata.labels?.patched === 'yes');

  const condition = { type: 'StatusPatched', status: 'True' };
  const patch = { status: { conditions: [condition] } };
  await client.patch(replicationControllers, key, 'merge', patch, { subresource: 'status' });
  const reported = await client.get(replicationControllers, key, 'status');
  assert.ok(reported.status?.conditions?.some(({ type }) => type === condition.type));

  await client.patch(
    replicationControllers,
    key,
    'merge',
    { spec: { replicas: 2 } },
    { subresource: 'scale' },
  );
  await ready(context, replicationControllers, key.name, 2);

  const everywhere = await client.list(replicationControllers, { labelSelector: 'patched=yes' });
  assert.ok(
    everywhere.items.some((replicationController) => replicationController.metadata.namespace === namespace),
  );
  const status = { ...(await client.get(replicationControllers, key)).status!, conditions: [] };
  await change(client, replicationControllers, key, (object) => Object.assign(object, { status }), 'status');

  await client.deleteCollection(replicationControllers, { namespace, labelSelector: 'suite=rc' });
  await watching.until('DELETED is reported', ({ type }) => type === 'DELETED');
  assert.ok(await isGone(client, replicationControllers, key));
}

const title = '[sig-apps] ReplicationController';

export const rc: readonly Behaviour[] = [
  behaviour(`${title} should serve a basic image on each replica with a public image [Conformance]`, serves),
  behaviour(`${title} should adopt matching pods on creation [Conformance]`, adopts),
  behaviour(`${title} should release no longer matching pods [Conformance]`, releases),
  behaviour(
    `${title} should surface a failure condition on a common issue like exceeded quota [Conformance]`,
    exceedsQuota,
  ),
  behaviour(`${title} should get and update a ReplicationController scale [Conformance]`, scale),
  behaviour(`${title} should test the lifecycle of a ReplicationController [Conformance]`, lifecycle),
];
