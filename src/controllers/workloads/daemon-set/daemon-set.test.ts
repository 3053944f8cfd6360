/** What the controller plans around its decision, and a rollout against a real API server. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { controllerRevisions, daemonSets, nodes, pods } from '#api/generated/kinds.gen.ts';
import type { DaemonSet, Node } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { DryController } from '#testing/controllers/dry-controller.ts';
import { withKeptPods } from '#testing/controllers/pod-keeper.ts';
import { ownedBy, storedMetadata, storedNode, storedPod } from '#testing/objects.ts';
import { daemonSet } from './daemon-set.ts';
import { nodeOfPod } from './pod.ts';

const namespace = 'default';
const labels = { app: 'web' };
const template = (image: string) => ({ metadata: { labels }, spec: { containers: [{ name: 'c', image }] } });

const stored: Stored<DaemonSet> = {
  metadata: storedMetadata('ds', { namespace, generation: 1 }),
  spec: { selector: { matchLabels: labels }, template: template('v1') },
};
const hash = '6499b8469b';
const revision = `ControllerRevision default/ds-${hash}`;
const failed = (name: string) =>
  storedPod(name, {
    metadata: {
      labels: { ...labels, 'controller-revision-hash': hash },
      ownerReferences: [ownedBy(daemonSets, stored)],
    },
    node: 'n1',
    phase: 'Failed',
  });

test('a new set – its revision, a pod on each node, and the status', async () => {
  const controller = new DryController(daemonSet).put(daemonSets, stored);
  controller.put(nodes, storedNode('n1'), storedNode('n2'));
  assert.deepEqual(await controller.printed('default/ds'), [
    `create ${revision}`,
    `  if taken countCollision ${revision}`,
    'together slow-start expected',
    '  create Pod default/ds-* (2 times)',
    '    then event Normal SuccessfulCreate "Created pod: <name>"',
    '    if failed event Warning FailedCreate "Error creating: <error>"',
    'status DaemonSet default/ds',
  ]);
});

test('a pod that fails over and over – it is replaced at once, then after a second, then after two', async () => {
  const controller = new DryController(daemonSet).put(daemonSets, stored).put(nodes, storedNode('n1'));
  const replaced = async (name: string) => {
    controller.put(pods, failed(name));
    const steps = await controller.printed('default/ds');
    controller.remove(pods, failed(name));
    return [steps.some((step) => step.includes(`delete Pod default/${name}`)), steps.at(-1)];
  };
  assert.deepEqual(await replaced('a'), [true, 'status DaemonSet default/ds']);
  assert.deepEqual(await replaced('b'), [false, 'again after 1000 ms']);
  await controller.clock.advance(1_000);
  assert.deepEqual(await replaced('b'), [true, 'status DaemonSet default/ds']);
  assert.deepEqual(await replaced('c'), [false, 'again after 2000 ms']);
});

test('a failed pod – events say that it was found and deleted', async () => {
  const controller = new DryController(daemonSet).put(daemonSets, stored).put(nodes, storedNode('n1'));
  controller.put(pods, failed('a'));
  const found = 'Found failed daemon pod default/a on node n1, will try to kill it';
  assert.deepEqual((await controller.printed('default/ds')).slice(2, 7), [
    'together expected',
    '  delete Pod default/a',
    `    then event Warning FailedDaemonPod "${found}"`,
    '    then event Normal SuccessfulDelete "Deleted pod: a"',
    '    if failed event Warning FailedDelete "Error deleting: <error>"',
  ]);
});

const heard = (node: Stored<Node>): Stored<Node> => ({ ...node, status: { conditions: [] } });

test('nodes – all sets are looked at when labels or taints change, not for a heartbeat', () => {
  const controller = new DryController(daemonSet).put(daemonSets, stored).put(nodes, storedNode('n1'));
  controller.woken();
  controller.put(nodes, heard(storedNode('n1')));
  assert.deepEqual(controller.woken(), []);
  controller.put(nodes, storedNode('n1', { spec: { taints: [{ key: 'k', effect: 'NoSchedule' }] } }));
  assert.deepEqual(controller.woken(), ['default/ds']);
  controller.put(nodes, storedNode('n1', { metadata: { labels: { a: 'b' } } }));
  assert.deepEqual(controller.woken(), ['default/ds']);
  controller.remove(nodes, storedNode('n1'));
  assert.deepEqual(controller.woken(), ['default/ds']);
});

test('a daemon set – one pod on every node it may use, rolled over one by one', () =>
  withKeptPods([daemonSet], async ({ client, eventually }) => {
    const livingPods = async () =>
      (await client.list(pods, { namespace })).items.filter(({ metadata }) => !metadata.deletionTimestamp);
    await client.delete(nodes, { name: 'node-1' });
    for (const name of ['n1', 'n2', 'n3']) {
      const taints = name === 'n3' ? [{ key: 'only', value: 'gpu', effect: 'NoSchedule' }] : [];
      await client.create(nodes, { metadata: { name }, spec: { taints } });
    }
    const spec = { selector: { matchLabels: labels }, template: template('v1') };
    const annotations = { 'kubernetes.io/change-cause': 'first of all' };
    await client.create(daemonSets, { metadata: { name: 'ds', namespace, annotations }, spec });
    const ready = (image: string) =>
      eventually(`two pods of ${image}`, async () => {
        const all = await livingPods();
        const { status } = await client.get(daemonSets, { namespace, name: 'ds' });
        const isDone = status?.numberAvailable === 2 && status.updatedNumberScheduled === 2;
        return isDone && all.every((pod) => pod.spec?.containers[0]?.image === image) ? all : undefined;
      });
    const first = await ready('v1');
    const fields = first.map((pod) => nodeOfPod({ spec: { ...pod.spec!, nodeName: '' } }));
    assert.deepEqual(fields.sort(), ['n1', 'n2']);
    await client.patch(daemonSets, { namespace, name: 'ds' }, 'merge', {
      spec: { template: template('v2') },
    });
    await ready('v2');
    const history = (await client.list(controllerRevisions, { namespace })).items;
    assert.deepEqual(history.map(({ revision }) => revision).sort(), [1, 2]);
    const causes = history.map(({ metadata }) => metadata.annotations?.['kubernetes.io/change-cause']);
    assert.equal(causes[0], 'first of all');
    await client.patch(nodes, { name: 'n3' }, 'merge', { spec: { taints: null } });
    await eventually('a third pod', async () => (await livingPods()).length === 3 || undefined);
  }));
