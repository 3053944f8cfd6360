/** What the controller plans around its decision, and a rollout against a real API server. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pods, statefulSets } from '#api/generated/kinds.gen.ts';
import type { StatefulSet } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { DryController } from '#testing/controllers/dry-controller.ts';
import { withKeptPods } from '#testing/controllers/pod-keeper.ts';
import { storedMetadata, storedPod } from '#testing/objects.ts';
import { statefulSet } from './stateful-set.ts';

const namespace = 'default';
const labels = { app: 'web' };
const template = (image: string) => ({ metadata: { labels }, spec: { containers: [{ name: 'c', image }] } });

const stored: Stored<StatefulSet> = {
  metadata: storedMetadata('web', { namespace, generation: 1 }),
  spec: {
    replicas: 1,
    serviceName: 'web',
    selector: { matchLabels: labels },
    template: template('v1'),
    volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'] } }],
  },
};
const revision = 'ControllerRevision default/web-6f8d7b9c';

test('a new set – its revision, the claim, then the pod; what is there already is no failure to report', async () => {
  const controller = new DryController(statefulSet).put(statefulSets, stored);
  const steps = await controller.printed('default/web');
  const named = steps.map((step) => step.replace(/ControllerRevision .*/, revision));
  const claim = 'create Claim data-web-0';
  const pod = 'create Pod web-0 in StatefulSet web';
  assert.deepEqual(named, [
    `create ${revision}`,
    `  if taken countCollision ${revision}`,
    'create PersistentVolumeClaim default/data-web-0',
    `  then event Normal SuccessfulCreate "${claim} Pod web-0 in StatefulSet web success"`,
    `  if failed event Warning FailedCreate "${claim} for Pod web-0 in StatefulSet web failed error: <error>"`,
    'together slow-start',
    '  create Pod default/web-0',
    `    then event Normal SuccessfulCreate "${pod} successful"`,
    `    if failed event Warning FailedCreate "${pod} failed error: <error>"`,
    'status StatefulSet default/web',
  ]);
});

test('pods – an orphan is adopted by its name and labels only', async () => {
  const controller = new DryController(statefulSet).put(statefulSets, stored);
  controller.put(
    pods,
    storedPod('web-0', { metadata: { labels } }),
    storedPod('other', { metadata: { labels } }),
  );
  const steps = await controller.printed('default/web');
  assert.equal(steps[0], 'assert live StatefulSet default/web');
  const adopted = steps.filter((step) => step.startsWith('patch Pod') && step.includes('ownerReferences'));
  assert.deepEqual(
    adopted.map((step) => step.split(' ')[2]),
    ['default/web-0'],
  );
});

test('a stateful set – pods made in order, replaced and removed from the top', () =>
  withKeptPods([statefulSet], async ({ client, eventually, events }, keeper) => {
    const livingPods = async () =>
      (await client.list(pods, { namespace })).items.filter(({ metadata }) => !metadata.deletionTimestamp);
    keeper.refuseImage = 'v1';
    const spec = {
      replicas: 3,
      serviceName: 'web',
      selector: { matchLabels: labels },
      template: template('v1'),
    };
    await client.create(statefulSets, { metadata: { name: 'web', namespace }, spec });
    await eventually('the first pod', async () => (await livingPods()).length === 1 || undefined);
    keeper.refuseImage = undefined;
    await client.delete(pods, { namespace, name: 'web-0' });
    const settled = (image: string, names: string[]) =>
      eventually(`${names} of ${image}`, async () => {
        const all = await livingPods();
        const { status } = await client.get(statefulSets, { namespace, name: 'web' });
        const isDone = status?.availableReplicas === names.length && status.updatedReplicas === names.length;
        const isRight = all.every((pod) => pod.spec?.containers[0]?.image === image);
        return isDone && isRight && all.map(({ metadata }) => metadata.name).join() === names.join()
          ? all
          : undefined;
      });
    const all = await settled('v1', ['web-0', 'web-1', 'web-2']);
    assert.deepEqual([all[1]?.spec?.hostname, all[1]?.spec?.subdomain], ['web-1', 'web']);
    await client.patch(statefulSets, { namespace, name: 'web' }, 'merge', {
      spec: { template: template('v2') },
    });
    await settled('v2', ['web-0', 'web-1', 'web-2']);
    const { status } = await client.get(statefulSets, { namespace, name: 'web' });
    assert.equal(status?.currentRevision, status?.updateRevision);
    await client.patch(statefulSets, { namespace, name: 'web' }, 'merge', { spec: { replicas: 1 } });
    await settled('v2', ['web-0']);
    assert.ok((await events()).includes('SuccessfulCreate create Pod web-2 in StatefulSet web successful'));
  }));
