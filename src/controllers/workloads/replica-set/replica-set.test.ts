import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pods, replicaSets } from '#api/generated/kinds.gen.ts';
import type { ReplicaSet } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { DryController } from '#testing/controllers/dry-controller.ts';
import { longAgo, ownedBy, storedMetadata, storedPod } from '#testing/objects.ts';
import { replicaSet } from './replica-set.ts';

const namespace = 'default';
const labels = { app: 'web' };

function stored(name = 'web'): Stored<ReplicaSet> {
  return {
    metadata: storedMetadata(name, { namespace, generation: 1 }),
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } },
    },
  };
}
const owned = (name: string, more: object = {}, phase = 'Running') =>
  storedPod(name, {
    metadata: { labels, ownerReferences: [ownedBy(replicaSets, stored())], ...more },
    phase,
  });

test('pods – which changes wake their owner, and those that would adopt them', () => {
  const controller = new DryController(replicaSet).put(replicaSets, stored(), stored('second'));
  assert.deepEqual(controller.woken(), ['default/second', 'default/web']);
  controller.put(pods, owned('a'));
  assert.deepEqual(controller.woken(), ['default/web']);
  controller.put(pods, owned('a', { deletionTimestamp: longAgo }));
  assert.deepEqual(controller.woken(), ['default/web']);
  controller.put(pods, storedPod('orphan', { metadata: { labels } }));
  assert.deepEqual(controller.woken(), ['default/second', 'default/web']);
  controller.put(pods, storedPod('orphan', { metadata: { labels: { app: 'other' } } }));
  assert.deepEqual(controller.woken(), ['default/second', 'default/web'], 'both selected it before');
  controller.put(pods, storedPod('orphan', { metadata: { labels: { app: 'other', more: 'x' } } }));
  assert.deepEqual(controller.woken(), []);
  controller.put(pods, owned('a', { ownerReferences: [ownedBy(replicaSets, stored('second'))] }));
  assert.deepEqual(controller.woken(), ['default/second', 'default/web'], 'it changed hands');
});

test('while earlier changes are not seen – only the status is written', async () => {
  const controller = new DryController(replicaSet).put(replicaSets, stored());
  assert.deepEqual(await controller.printed('default/web', false), ['status ReplicaSet default/web']);
});

test('a surplus pod – it is deleted, with an event', async () => {
  const controller = new DryController(replicaSet).put(replicaSets, stored());
  controller.put(pods, owned('a'), owned('b', { creationTimestamp: '2026-01-01T11:59:00Z' }));
  assert.deepEqual((await controller.printed('default/web')).slice(0, 4), [
    'together expected',
    '  delete Pod default/b',
    '    then event Normal SuccessfulDelete "Deleted pod: b"',
    '    if failed event Warning FailedDelete "Error deleting: <error>"',
  ]);
});

test('a pod that has ended – it is neither adopted nor counted', async () => {
  const controller = new DryController(replicaSet).put(replicaSets, stored());
  controller.put(pods, storedPod('done', { metadata: { labels }, phase: 'Succeeded' }));
  const steps = await controller.printed('default/web');
  assert.deepEqual(steps.slice(0, 2), ['together slow-start expected', '  create Pod default/web-*']);
});

test('a ReplicaSet that is gone – nothing', async () => {
  assert.deepEqual(await new DryController(replicaSet).printed('default/web'), []);
});
