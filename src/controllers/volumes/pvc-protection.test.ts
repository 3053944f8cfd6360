/** Claims stay while a pod uses them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodes, persistentVolumeClaims, pods } from '#api/generated/kinds.gen.ts';
import type { PersistentVolumeClaim, Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import type { Client } from '#client/client.ts';
import { withControllers } from '#testing/controllers/controlled-cluster.ts';
import { DryController } from '#testing/controllers/dry-controller.ts';
import { storedClaim } from '#testing/objects/volumes.ts';
import { longAgo, storedPod } from '#testing/objects.ts';
import { pvcProtection } from './pvc-protection.ts';

const namespace = 'default';
const finalizers = ['kubernetes.io/pvc-protection'];
const deleted = { finalizers, deletionTimestamp: longAgo };
const using = (more: Parameters<typeof storedPod>[1]) => {
  const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }];
  return storedPod('p', { ...more, spec: { volumes } });
};
const shutDown = { deletionTimestamp: longAgo, deletionGracePeriodSeconds: 0 };
const update = ['update PersistentVolumeClaim default/c'];

const rows: [string, Stored<PersistentVolumeClaim>, Stored<Pod>[], string[]][] = [
  ['that lacks the finalizer', storedClaim('c'), [], update],
  ['that has it', storedClaim('c', { finalizers }), [], []],
  ['deleted while a pod on a node uses it', storedClaim('c', deleted), [using({ node: 'n' })], []],
  [
    'deleted while a pod on a node that has ended names it',
    storedClaim('c', deleted),
    [using({ node: 'n', phase: 'Failed' })],
    [],
  ],
  [
    'deleted while a pod that is shut down names it',
    storedClaim('c', deleted),
    [using({ node: 'n', metadata: shutDown })],
    [],
  ],
];
for (const [name, object, others, expected] of rows) {
  test(`a claim ${name} – ${expected[0] ?? 'left alone'}`, async () => {
    const controller = new DryController(pvcProtection);
    controller.put(persistentVolumeClaims, object).put(pods, ...others);
    assert.deepEqual(await controller.printed('default/c'), expected);
  });
}

test('a pod that is gone, or shut down – the claims it named are looked at when they are deleted', () => {
  const controller = new DryController(pvcProtection);
  controller.put(persistentVolumeClaims, storedClaim('c', deleted)).put(pods, using({ node: 'n' }));
  controller.woken();
  controller.put(pods, using({ node: 'n', phase: 'Failed' }));
  assert.deepEqual(controller.woken(), []);
  controller.put(pods, using({ node: 'n', metadata: shutDown }));
  assert.deepEqual(controller.woken(), ['default/c']);
  controller.remove(pods, using({ node: 'n' }));
  assert.deepEqual(controller.woken(), ['default/c']);
  controller.put(persistentVolumeClaims, storedClaim('c', { finalizers }));
  controller.woken();
  controller.put(pods, using({ node: 'n' })).remove(pods, using({ node: 'n' }));
  assert.deepEqual(controller.woken(), [], 'the claim is not deleted');
});

const resources = { requests: { storage: '1Gi' } };

async function makeClaim(client: Client, name: string): Promise<void> {
  const spec = { accessModes: ['ReadWriteOnce' as const], storageClassName: '', resources };
  await client.create(persistentVolumeClaims, { metadata: { name, namespace }, spec });
}

async function makePod(client: Client, name: string, claimName: string, nodeName?: string): Promise<void> {
  const volumes = [{ name: 'v', persistentVolumeClaim: { claimName } }];
  const containers = [{ name: 'c', image: 'i' }];
  const spec = { terminationGracePeriodSeconds: 0, containers, volumes, ...(nodeName ? { nodeName } : {}) };
  await client.create(pods, { metadata: { name, namespace }, spec });
}

test('claims – they go when the last pod on a node that names them is gone', () =>
  withControllers([pvcProtection], async ({ client, clock }) => {
    await client.create(nodes, { metadata: { name: 'n1' } });
    const at = (name: string) => ({ namespace: 'default', name });
    const claims = async () =>
      (await client.list(persistentVolumeClaims)).items.map(({ metadata }) => metadata.name);
    for (const name of ['unused', 'waited-for', 'used']) await makeClaim(client, name);
    await clock.advance(100);
    const { metadata } = await client.get(persistentVolumeClaims, at('used'));
    assert.deepEqual(metadata.finalizers, ['kubernetes.io/pvc-protection'], 'put on where it is missing');
    await makePod(client, 'unplaced', 'waited-for');
    await makePod(client, 'placed', 'used', 'n1');
    for (const name of ['unused', 'waited-for', 'used']) {
      await client.delete(persistentVolumeClaims, at(name));
    }
    await clock.advance(100);
    assert.deepEqual(await claims(), ['used']);
    const ended = { status: { phase: 'Succeeded' } };
    await client.patch(pods, at('placed'), 'merge', ended, { subresource: 'status' });
    await clock.advance(100);
    assert.deepEqual(await claims(), ['used'], 'a pod that ended still names it');
    await client.delete(pods, at('placed'), { gracePeriodSeconds: 0 });
    await clock.advance(100);
    assert.deepEqual(await claims(), []);
  }));
