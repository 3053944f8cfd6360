/**
 * Adoption and release by a ReplicationController, which are those of a ReplicaSet, against a real API
 * server.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pods, replicationControllers } from '#api/generated/kinds.gen.ts';
import { DryController } from '#testing/controllers/dry-controller.ts';
import { withKeptPods } from '#testing/controllers/pod-keeper.ts';
import { storedMetadata } from '#testing/objects.ts';
import { replicationController } from './replication-controller.ts';

const namespace = 'default';
const labels = { app: 'web' };
const template = (image: string) => ({ metadata: { labels }, spec: { containers: [{ name: 'c', image }] } });

test('a ReplicationController – its pods are created by its selector of labels', async () => {
  const metadata = storedMetadata('rc', { namespace, generation: 1 });
  const spec = { replicas: 2, selector: labels, template: template('v1') };
  const controller = new DryController(replicationController).put(replicationControllers, { metadata, spec });
  assert.deepEqual(await controller.printed('default/rc'), [
    'together slow-start expected',
    '  create Pod default/rc-* (2 times)',
    '    then event Normal SuccessfulCreate "Created pod: <name>"',
    '    if failed event Warning FailedCreate "Error creating: <error>"',
    '  if failed status ReplicationController default/rc with the failure in ReplicaFailure',
    'status ReplicationController default/rc',
  ]);
});

test('a ReplicationController – a deleted pod, an orphan, a relabelled pod – replaced, adopted unless it has ended, released', () =>
  withKeptPods([replicationController], async ({ client, eventually, informers }) => {
    await client.create(pods, { metadata: { name: 'done', namespace, labels }, spec: template('v1').spec });
    await eventually('a running pod', async () => {
      const { status } = await client.get(pods, { namespace, name: 'done' });
      return status?.phase === 'Running' || undefined;
    });
    const status = { phase: 'Succeeded' };
    await client.patch(pods, { namespace, name: 'done' }, 'merge', { status }, { subresource: 'status' });
    const seen = () => informers.for(pods).get(namespace, 'done')?.status?.phase;
    await eventually('its end to be seen', async () => seen() === 'Succeeded' || undefined);
    await client.create(pods, { metadata: { name: 'orphan', namespace, labels }, spec: template('v1').spec });
    const spec = { replicas: 2, selector: labels, template: template('v1') };
    await client.create(replicationControllers, { metadata: { name: 'rc', namespace }, spec });
    const owned = async () =>
      (await client.list(pods, { namespace })).items.filter(
        ({ metadata }) => !metadata.deletionTimestamp && metadata.ownerReferences?.[0]?.name === 'rc',
      );
    const two = await eventually('two pods', async () => {
      const now = await owned();
      return now.length === 2 ? now : undefined;
    });
    assert.ok(two.some(({ metadata }) => metadata.name === 'orphan'));
    await client.patch(pods, { namespace, name: 'orphan' }, 'merge', {
      metadata: { labels: { app: 'other' } },
    });
    await client.delete(pods, {
      namespace,
      name: two.find((pod) => pod.metadata.name !== 'orphan')!.metadata.name,
    });
    await eventually('two other pods', async () => {
      const names = (await owned()).map(({ metadata }) => metadata.name);
      return (
        (names.length === 2 && !names.some((name) => two.some((pod) => pod.metadata.name === name))) ||
        undefined
      );
    });
    const orphan = await client.get(pods, { namespace, name: 'orphan' });
    assert.equal(orphan.metadata.ownerReferences?.length ?? 0, 0);
    const done = await client.get(pods, { namespace, name: 'done' });
    assert.equal(done.metadata.ownerReferences?.length ?? 0, 0);
  }));
